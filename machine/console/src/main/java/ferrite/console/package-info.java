/**
 * The console: the prompt at which a person types commands, with editing, history and completion, and the terminal in
 * raw mode. It uses JLine, and nothing else of Ferrite. The commands of a board use it. JLine stays inside this
 * package.
 */
package ferrite.console;
