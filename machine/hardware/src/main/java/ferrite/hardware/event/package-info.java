/**
 * The events of a machine, for front ends outside it. Parts of the machine and the layers above tell events here; a
 * front end listens. It uses {@code report} only. Nothing here is part of the machine's state.
 */
package ferrite.hardware.event;
