/** Programs of machine code: their loading, system calls, signals and ends. */
package ferrite.kernel.user;
