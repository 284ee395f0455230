/**
 * Saving and restoring the parts of the machine: the interface of a part, and the writer and the reader of its state.
 * It uses nothing else of Ferrite. Every part of the machine with state of its own uses it, and so does code that keeps
 * state in files.
 */
package ferrite.hardware.state;
