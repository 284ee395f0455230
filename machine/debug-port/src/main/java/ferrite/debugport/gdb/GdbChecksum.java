package ferrite.debugport.gdb;

import java.nio.ByteBuffer;

/**
 * GDB's checksum of memory: CRC-32, most significant bit first, from all ones, without a final change. It takes four
 * bytes at a time, because the machine waits for it.
 */
final class GdbChecksum {

    private static final int POLYNOMIAL = 0x04c11db7;
    /** The checksum of each byte alone, followed by no, one, two and three bytes of zero. */
    private static final int[][] OF_BYTE = new int[4][256];

    static {
        for (int value = 0; value < 256; value++) {
            int crc = value << 24;
            for (int[] table : OF_BYTE) {
                for (int bit = 0; bit < 8; bit++) {
                    crc = crc << 1 ^ (crc < 0 ? POLYNOMIAL : 0);
                }
                table[value] = crc;
            }
        }
    }

    private int crc = -1;

    void add(byte[] bytes, int length) {
        ByteBuffer words = ByteBuffer.wrap(bytes);
        int sum = crc;
        int at = 0;
        for (; at + 4 <= length; at += 4) {
            sum ^= words.getInt(at);
            sum = OF_BYTE[3][sum >>> 24] ^ OF_BYTE[2][sum >>> 16 & 0xff] ^ OF_BYTE[1][sum >>> 8 & 0xff]
                    ^ OF_BYTE[0][sum & 0xff];
        }
        for (; at < length; at++) {
            sum = sum << 8 ^ OF_BYTE[0][sum >>> 24 ^ bytes[at] & 0xff];
        }
        crc = sum;
    }

    int value() {
        return crc;
    }
}
