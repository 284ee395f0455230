package ferrite.peripherals.nic;

/** The registers of the network card, one word each, and the fields of a descriptor. README.md is the data sheet. */
final class NicRegisters {

    static final long BYTES = 0x1000;

    /** Read: {@link #MAGIC}, the letters {@code NIC1}. */
    static final int ID = 0x00;
    static final int MAGIC = 0x3143_494e;
    /** An engine that finds an error clears its enable bit. {@link #RESET} reads as 0. */
    static final int CONTROL = 0x04;
    static final int RX_ENABLE = 1;
    static final int TX_ENABLE = 1 << 1;
    static final int PROMISCUOUS = 1 << 2;
    static final int ALL_MULTICAST = 1 << 3;
    static final int RESET = 1 << 31;
    static final int CONTROL_BITS = RX_ENABLE | TX_ENABLE | PROMISCUOUS | ALL_MULTICAST;
    /** Read: the cable, and whether a frame is being sent. */
    static final int STATUS = 0x08;
    static final int LINK_UP = 1;
    static final int TX_BUSY = 1 << 1;
    /** The reasons for an interrupt. Writing ones clears them. */
    static final int CAUSE = 0x0c;
    static final int RECEIVED = 1;
    static final int SENT = 1 << 1;
    /** A frame was lost: the next descriptor of the receiver is not the card's. */
    static final int NO_BUFFER = 1 << 2;
    static final int LINK_CHANGED = 1 << 3;
    /** An engine has stopped; see {@link #ERROR}. */
    static final int FAILED = 1 << 4;
    static final int CAUSES = RECEIVED | SENT | NO_BUFFER | LINK_CHANGED | FAILED;
    /** The causes that raise the interrupt. */
    static final int MASK = 0x10;
    /** The card's address: its first four bytes, the first one lowest, and its last two. */
    static final int MAC_LOW = 0x14;
    static final int MAC_HIGH = 0x18;
    /** Bus address of the first descriptor; writing it makes the first descriptor the next one. */
    static final int TX_RING = 0x20;
    /** The number of descriptors, up to {@link #MAX_RING}. */
    static final int TX_SIZE = 0x24;
    /** Read: the number of the next descriptor. */
    static final int TX_HEAD = 0x28;
    /** Write any value: the transmitter looks at its next descriptor. */
    static final int TX_KICK = 0x2c;
    /** The same for the receiver, which looks when a frame comes. */
    static final int RX_RING = 0x30;
    static final int RX_SIZE = 0x34;
    static final int RX_HEAD = 0x38;
    /** Read: the reason why an engine has stopped last, and the address. */
    static final int ERROR = 0x40;
    static final int ERROR_ADDRESS = 0x44;
    static final int NO_ERROR = 0;
    /** The ring is empty, too large or not aligned, or it is not in RAM. */
    static final int BAD_RING = 1;
    /** The place or size of a ring was written while its engine was enabled. */
    static final int RING_IN_USE = 2;
    /** The length of a buffer is out of range. */
    static final int BAD_LENGTH = 3;
    /** No memory answers at the address. */
    static final int BUS_FAULT = 4;
    /** Read: frames that were lost, and frames for other cards, since the reset. */
    static final int LOST = 0x48;
    static final int FILTERED = 0x4c;

    static final int MAX_RING = 256;

    /** Fields of a descriptor, which is aligned to its size. */
    static final int ADDRESS = 0;
    static final int LENGTH = 4;
    /** {@link #OWN} gives the descriptor to the card. The card's answer has no such bit. */
    static final int STATE = 8;
    /** The card does not look at this word. */
    static final int SOFTWARE = 12;
    static final int DESCRIPTOR_BYTES = 16;

    static final int OWN = 1 << 31;
    /** The frame was not sent, or was damaged on the cable. */
    static final int BAD_FRAME = 1 << 30;
    /** The frame is longer than the buffer. */
    static final int TRUNCATED = 1 << 29;
    /** The bytes that were sent or received. */
    static final int COUNT = 0xffff;

    /** Lengths of a frame to send, and of a buffer to receive into. */
    static final int MIN_FRAME = 14;
    static final int MAX_FRAME = 1518;
    static final int MIN_BUFFER = 64;
    static final int MAX_BUFFER = 16_384;

    private NicRegisters() { }
}
