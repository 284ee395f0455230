package ferrite.hardware.report;

/** Formatting of addresses and bytes in hexadecimal. */
public final class Hex {

    private static final char[] DIGITS = "0123456789abcdef".toCharArray();

    private Hex() { }

    /** Formats a physical or bus address in two groups of four digits: {@code 0x0102_0000}. */
    public static String grouped(long address) {
        String digits = digits(address, 8);
        int split = digits.length() - 4;
        return "0x" + digits.substring(0, split) + "_" + digits.substring(split);
    }

    /** Formats an address for programs: {@code 0x01020000}. */
    public static String address(long address) {
        return "0x" + digits(address, 8);
    }

    /** Formats a value with at least {@code width} lower-case hexadecimal digits, without a prefix. */
    public static String digits(long value, int width) {
        int length = Math.max(width, (67 - Long.numberOfLeadingZeros(value)) / 4);
        char[] out = new char[length];
        for (int i = length - 1; i >= 0; i--) {
            out[i] = DIGITS[(int) (value & 0xf)];
            value >>>= 4;
        }
        return new String(out);
    }

    /** Formats bytes in lower-case hexadecimal, as {@code sha256sum} does. */
    public static String bytes(byte[] bytes) {
        char[] out = new char[2 * bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            out[2 * i] = DIGITS[(bytes[i] >> 4) & 0xf];
            out[2 * i + 1] = DIGITS[bytes[i] & 0xf];
        }
        return new String(out);
    }
}
