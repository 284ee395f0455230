package ferrite.board.image;

import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.report.Hex;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The memory between the symbols {@code begin_signature} and {@code end_signature} of a program, in which architectural
 * tests leave their results. The file may be hostile: {@link #requireIn} checks the numbers.
 *
 * @param pa    the physical address of the first byte
 * @param bytes the length
 */
public record Signature(long pa, long bytes) {

    static final String BEGIN = "begin_signature";
    static final String END = "end_signature";

    private static final long MAX_BYTES = 16 << 20;
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** Returns the sentence for a program without these symbols. */
    public static String missing() {
        return "the program has not both of the symbols " + BEGIN + " and " + END
                + ", between which it would leave its results";
    }

    /**
     * Checks that the memory is in RAM.
     *
     * @throws IOException with a sentence, if it is not, or is too large
     */
    public void requireIn(PhysicalBus bus) throws IOException {
        if (bytes < 0 || bytes > MAX_BYTES) {
            throw new IOException("from " + BEGIN + " to " + END + " are " + bytes + " bytes; 0 to " + MAX_BYTES
                    + " would be right");
        }
        if (bytes > 0 && !(bus.ram().contains(pa) && bus.ram().contains(pa + bytes - 1))) {
            throw new IOException(BEGIN + " is " + Hex.address(pa) + ", and the " + bytes
                    + " bytes from there on are not all in RAM");
        }
    }

    /**
     * Writes a little-endian word on each line, in hexadecimal with its highest digit first. Zeroes complete the last
     * word, as in Spike. Only looks.
     *
     * @param granularity the bytes of a word
     */
    public void write(PhysicalBus bus, int granularity, OutputStream to) throws IOException {
        byte[] memory = new byte[(int) bytes];
        bus.peek(pa, memory, 0, memory.length);
        byte[] line = new byte[2 * granularity + 1];
        line[2 * granularity] = '\n';
        for (int at = 0; at < memory.length; at += granularity) {
            for (int i = 0; i < granularity; i++) {
                int value = at + i < memory.length ? memory[at + i] & 0xff : 0;
                int place = 2 * (granularity - 1 - i);
                line[place] = DIGITS[value >>> 4];
                line[place + 1] = DIGITS[value & 15];
            }
            to.write(line);
        }
    }
}
