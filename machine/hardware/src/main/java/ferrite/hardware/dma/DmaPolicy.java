package ferrite.hardware.dma;

/** The reaction to an address that needs more wires than the controller has ({@code --dma}). */
public enum DmaPolicy {
    /** The violation is reported, the transfer does not start, and the error bit is set. */
    FAULT,
    /** The violation is reported, and the bytes move to or from the truncated address, as on the PC/AT. */
    WRAP
}
