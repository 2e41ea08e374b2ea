#pragma once
enum { IN_GO, IN_C, IN_THREAD };
void use_pipe(int fd);
void cond_outer(void);
void release(void);
void callback_outer(int what);
void nested_read(void);
void alloca_outer(int n);
void make_threads(void);
void handler_outer(void);
void clock_outer(void);
