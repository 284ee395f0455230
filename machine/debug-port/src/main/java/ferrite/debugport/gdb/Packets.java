package ferrite.debugport.gdb;

import java.nio.charset.StandardCharsets;

/** The numbers and texts inside packets. A malformed one throws {@link PacketException}. */
final class Packets {

    private static final char[] DIGITS = "0123456789abcdef".toCharArray();
    /** The packets of one letter that change nothing in the machine and take little time. */
    private static final String LOOKING = "?gpmxHT!";
    /** The beginnings of longer ones. A change of the client's own settings is one too. */
    private static final String[] LOOKING_WORDS = {"qXfer:features:", "qXfer:threads:", "qXfer:memory-map:",
        "qXfer:exec-file:", "qSupported", "QStartNoAckMode", "vMustReplyEmpty", "vCont?", "qTStatus", "qAttached",
        "qOffsets", "qSymbol:", "qfThreadInfo", "qsThreadInfo", "qThreadExtraInfo", "qMemoryRegionInfo:", "qHostInfo",
        "qProcessInfo", "jThreadsInfo"};

    private Packets() { }

    /** Tells whether a packet only looks at the machine, and is answered in little time. */
    static boolean onlyLooks(String data) {
        if (data.isEmpty() || LOOKING.indexOf(data.charAt(0)) >= 0 || data.equals("qC")) {
            return true;
        }
        for (String word : LOOKING_WORDS) {
            if (data.startsWith(word)) {
                return true;
            }
        }
        return false;
    }

    /** Parses an unsigned hexadecimal number of at most 16 digits. */
    static long number(String hex) throws PacketException {
        long value = 0;
        if (hex.isEmpty() || hex.length() > 16) {
            throw new PacketException("'" + hex + "' is no hexadecimal number");
        }
        for (int i = 0; i < hex.length(); i++) {
            int digit = digit(hex.charAt(i));
            value = value << 4 | digit;
        }
        return value;
    }

    /** Parses a 32-bit address. GDB for a 64-bit target sign-extends it. */
    static long address(String hex) throws PacketException {
        return number(hex) & 0xffff_ffffL;
    }

    /** Parses a length or count that fits a packet. */
    static int length(String hex) throws PacketException {
        long value = number(hex);
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new PacketException("a length of 0x" + hex + " is too large");
        }
        return (int) value;
    }

    private static int digit(char c) throws PacketException {
        int digit = c < 128 ? Character.digit(c, 16) : -1;
        if (digit < 0) {
            throw new PacketException("a hexadecimal digit was expected");
        }
        return digit;
    }

    static byte[] bytes(String hex) throws PacketException {
        if (hex.length() % 2 != 0) {
            throw new PacketException("two hexadecimal digits were expected for each byte");
        }
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (digit(hex.charAt(2 * i)) << 4 | digit(hex.charAt(2 * i + 1)));
        }
        return bytes;
    }

    static byte[] binary(String data) {
        return data.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String binary(byte[] bytes, int length) {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** Formats the low digits of a number. */
    static String hex(long value, int digits) {
        char[] text = new char[digits];
        for (int i = digits - 1; i >= 0; i--) {
            text[i] = DIGITS[(int) value & 15];
            value >>>= 4;
        }
        return new String(text);
    }

    static String hex(byte[] bytes, int length) {
        char[] text = new char[2 * length];
        for (int i = 0; i < length; i++) {
            text[2 * i] = DIGITS[bytes[i] >> 4 & 15];
            text[2 * i + 1] = DIGITS[bytes[i] & 15];
        }
        return new String(text);
    }

    /** Formats a word in the target's byte order, which is little-endian. */
    static String word(int value) {
        return hex(Integer.reverseBytes(value) & 0xffff_ffffL, 8);
    }

    /** Parses a word in the target's byte order. GDB may send more digits than the target's registers have. */
    static int word(String hex) throws PacketException {
        if (hex.length() < 8) {
            throw new PacketException("a register has eight hexadecimal digits");
        }
        return Integer.reverseBytes((int) number(hex.substring(0, 8)));
    }

    /** Formats a text as hexadecimal bytes of UTF-8. */
    static String hexText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return hex(bytes, bytes.length);
    }

    /** Formats an error with its sentence. */
    static String error(String sentence) {
        return "E." + sentence;
    }
}
