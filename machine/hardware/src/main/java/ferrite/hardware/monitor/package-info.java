/**
 * The debugger's monitor: the interface of a command, the registered commands, and the commands that show harts and
 * memory. It uses the machine with {@code bus}, {@code hart}, {@code instruction} and {@code report}. Every package
 * with data to show may add commands, and every front end may run them.
 */
package ferrite.hardware.monitor;
