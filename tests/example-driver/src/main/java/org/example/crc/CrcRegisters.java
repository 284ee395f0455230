package org.example.crc;

/** The registers of the engine, one word each. */
final class CrcRegisters {

    /** Address of the bytes, as the device sees memory. */
    static final int ADDRESS = 0x00;
    /** Number of bytes. */
    static final int LENGTH = 0x04;
    /** Write any value: the engine begins. */
    static final int START = 0x08;
    /** {@link #DONE} raises the interrupt; writing a one clears a bit. */
    static final int STATUS = 0x0c;
    static final int DONE = 1;
    /** The memory could not be read. */
    static final int FAILED = 1 << 1;
    /** CRC-32 of the bytes. */
    static final int RESULT = 0x10;

    private CrcRegisters() { }
}
