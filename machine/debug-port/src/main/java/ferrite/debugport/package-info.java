/**
 * The debug port: one TCP port for the monitor as lines of text, and for clients that attach to the machine's prompt.
 * It uses {@code ferrite.hardware} and Netty, and nothing else of Ferrite. A board opens the port and offers the
 * prompt, and the {@code ferrite attach} command uses the client. Netty stays inside this package.
 */
package ferrite.debugport;
