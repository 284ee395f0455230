/**
 * What is at the other end of a network card's cable: a {@link ferrite.peripherals.net.Wire}, captures (pcap files) or
 * a small host as one. There is no card and no driver here: the models of cards use this package. It imports
 * {@code ferrite.hardware} only.
 */
package ferrite.peripherals.net;
