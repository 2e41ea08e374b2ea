// Landlock: rulesets, rules, and what they are about.
#include "edge.h"
struct beneath { uint64_t access; int32_t fd; } __attribute__((packed));
int main(void) {
    begin();
    const uint64_t rights[] = {0, 1, 0x1fff, 0x3fff, -1, 0xffffffff00000000};
    for (unsigned n = 0; n < COUNT(rights); n++) CALL(SYS_landlock_create_ruleset, TAIL(rights[n]), 8, 0x80000000);
    const uint64_t longer[3] = {3, 4, 0};
    CALL(SYS_landlock_create_ruleset, TAIL(longer), 24, 16), CALL(SYS_landlock_create_ruleset, TAIL(longer), 9, 16), CALL(SYS_landlock_create_ruleset, TAIL(longer), 7, 16), CALL(SYS_landlock_create_ruleset, TAIL(longer), -1L, 16);
    CALL(SYS_landlock_create_ruleset, NULL, 0, 1), CALL(SYS_landlock_create_ruleset, NULL, 0, 0), CALL(SYS_landlock_create_ruleset, BAD, 8, 0), CALL(SYS_landlock_create_ruleset, (char *)TAIL(longer) + 20, 8, 0), CALL(SYS_landlock_create_ruleset, NULL, 8, WIDE(1));
    const struct beneath rule = {7, -100}, other = {-1, 0x7fffffff};
    CALL(SYS_landlock_add_rule, -1, 1, TAIL(rule), 0), CALL(SYS_landlock_add_rule, 3, 1, TAIL(other), WIDE(-1)), CALL(SYS_landlock_add_rule, WIDE(4), WIDE(1), (char *)TAIL(rule) + 1, 0);
    CALL(SYS_landlock_add_rule, -1, 0, TAIL(rule), 0), CALL(SYS_landlock_add_rule, -1, 99, TAIL(rule), 1), CALL(SYS_landlock_add_rule, -1, 1, NULL, 0), CALL(SYS_landlock_add_rule, -1, 1, BAD, 0);
    CALL(SYS_landlock_restrict_self, -1, 0), CALL(SYS_landlock_restrict_self, WIDE(77), WIDE(0x80000000)), CALL(SYS_landlock_restrict_self, 0, 3);
}
