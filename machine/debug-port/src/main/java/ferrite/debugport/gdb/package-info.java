/**
 * The GDB remote serial protocol, for GDB and LLDB. Framing runs on the port's thread, packets are answered on the
 * thread that holds the machine's turn. It may use hardware and Netty.
 */
package ferrite.debugport.gdb;
