package ferrite.hardware.dma;

/** What the controller does when it is asked for an address that it has no wires for ({@code --dma}). */
public enum DmaPolicy {
    /** It reports the violation, does not start, and sets its error bit. */
    FAULT,
    /** It reports the violation, and moves the bytes to or from the truncated address, as the PC/AT would. */
    WRAP
}
