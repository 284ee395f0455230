// The clock of the ports of CoreMark and Dhrystone. port-board.c has it for a bare program, and port-native.c for a
// process of the host.
#pragma once
#include <stdint.h>

// Returns the count of cycles since the start. On Ferrite a cycle is an instruction.
uint64_t cycles(void);
