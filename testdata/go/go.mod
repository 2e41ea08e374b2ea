module gostrace.test/fixtures

go 1.19
