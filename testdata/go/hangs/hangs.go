// Package hangs has a test for each way in which tests hang, and two that only look like it. They
// are run one at a time, with -run; each line that hangs is marked with a comment "here".
package hangs
