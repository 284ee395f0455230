package ferrite.peripherals.net;

/**
 * The file format of a capture: pcap, version 2.4 (draft-ietf-opsawg-pcap, sections 4 and 5).
 *
 * <pre>
 * file header:    magic 32 | major 16, minor 16 | 0, 0 | snapshot length 32 | link type 32
 * frame's header: seconds 32 | micro- or nanoseconds 32 | bytes in the file 32 | bytes on the wire 32
 * </pre>
 *
 * The magic is written in the byte order of all other numbers. It tells microseconds from nanoseconds too.
 */
final class Capture {

    static final int FILE_HEADER_BYTES = 24;
    static final int FRAME_HEADER_BYTES = 16;

    static final int MICROSECONDS_MAGIC = 0xa1b2_c3d4;
    static final int NANOSECONDS_MAGIC = 0xa1b2_3c4d;
    /** The magic of the later format, the same in both byte orders. */
    static final int PCAPNG_MAGIC = 0x0a0d_0d0a;
    static final short MAJOR = 2;
    static final short MINOR = 4;
    static final int SNAPSHOT_BYTES = 1 << 18;
    static final int ETHERNET = 1;
    /** The part of the link type's word that holds the type. */
    static final int LINK_TYPE_MASK = 0x03ff_ffff;

    static final long NANOSECONDS = 1_000_000_000;

    private Capture() { }
}
