// Sleeper blocks in a method of a class template, so that its name is mangled.
#include <cstdio>
#include <unistd.h>

namespace store {
template <typename T> struct Shelf {
	__attribute__((noinline)) void wait(T seconds) {
		pause();
		kept += seconds;
	}
	T kept;
};
} // namespace store

int main() {
	std::printf("{\"event\":\"ready\",\"pid\":%d}\n", getpid());
	std::fflush(stdout);
	store::Shelf<long> shelf{0};
	shelf.wait(1);
	return static_cast<int>(shelf.kept);
}
