#include "edge.h"
static void handler(int sig) { (void)sig; }
int main(void) {
    begin();
    struct sigaction act = {.sa_handler = handler};
    sigset_t set;
    sigemptyset(&set), sigaddset(&set, SIGUSR2), sigaddset(&set, SIGRTMIN + 3);
    sigprocmask(SIG_SETMASK, &set, NULL);
    sigfillset(&act.sa_mask);
    sigaction(SIGUSR1, &act, NULL);
    for (int i = 0; i < 10; i++) raise(SIGUSR1);
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    raise(SIGUSR1);
}
