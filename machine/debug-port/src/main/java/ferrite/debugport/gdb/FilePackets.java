package ferrite.debugport.gdb;

import ferrite.hardware.debug.SymbolSource;
import java.nio.charset.StandardCharsets;

/**
 * The packets vFile: a client can read the symbol file, and no other. GDB fetches it when it connects without a file of
 * its own.
 */
final class FilePackets implements PacketHandler {

    private static final int ENOENT = 2;
    private static final int EBADF = 9;
    private static final int EROFS = 30;
    private static final int DESCRIPTOR = 3;
    private static final int MAX_PIECE_BYTES = 0x10000;
    private static final int WRITE_FLAGS = 0x3;
    /** Bytes of the record that fstat returns, whose member st_size is at {@link #SIZE_OFFSET}. */
    private static final int STAT_BYTES = 64;
    private static final int MODE_OFFSET = 8;
    private static final int SIZE_OFFSET = 28;
    private static final int REGULAR_READABLE = 0100444;

    private final SymbolSource symbols;
    private byte[] open;

    FilePackets(SymbolSource symbols) {
        this.symbols = symbols;
    }

    @Override
    public String answer(String data) throws PacketException {
        if (!data.startsWith("vFile:")) {
            return null;
        }
        int colon = data.indexOf(':', "vFile:".length());
        String operation = colon < 0 ? "" : data.substring("vFile:".length(), colon);
        String[] arguments = data.substring(colon + 1).split(",", -1);
        return switch (operation) {
            case "setfs" -> "F0";
            case "open" -> open(arguments);
            case "pread" -> read(arguments);
            case "fstat" -> open == null ? error(EBADF) : stat();
            case "close" -> {
                open = null;
                yield "F0";
            }
            case "readlink" -> error(ENOENT);
            default -> UNKNOWN;
        };
    }

    private String open(String[] arguments) throws PacketException {
        String name = new String(Packets.bytes(arguments[0]), StandardCharsets.UTF_8);
        if (symbols.name().isEmpty() || !name.equals("/" + symbols.name()) && !name.equals(symbols.name())) {
            return error(ENOENT);
        }
        if (arguments.length > 1 && (Packets.number(arguments[1]) & WRITE_FLAGS) != 0) {
            return error(EROFS);
        }
        open = symbols.file();
        return "F" + DESCRIPTOR;
    }

    private String read(String[] arguments) throws PacketException {
        if (arguments.length < 3) {
            throw new PacketException("'pread' needs a file, a count and an offset");
        }
        if (open == null) {
            return error(EBADF);
        }
        int count = Math.min(Packets.length(arguments[1]), MAX_PIECE_BYTES);
        int from = Math.min(Packets.length(arguments[2]), open.length);
        int to = Math.min(open.length, from + count);
        byte[] piece = java.util.Arrays.copyOfRange(open, from, to);
        return "F" + Integer.toHexString(piece.length) + ";" + Packets.binary(piece, piece.length);
    }

    /** Formats the record of fstat in big-endian order (GDB manual, appendix E.13.7). */
    private String stat() {
        byte[] record = new byte[STAT_BYTES];
        put(record, MODE_OFFSET, REGULAR_READABLE);
        put(record, SIZE_OFFSET + 4, open.length);
        return "F" + Integer.toHexString(STAT_BYTES) + ";" + Packets.binary(record, STAT_BYTES);
    }

    private static void put(byte[] record, int at, int value) {
        for (int i = 0; i < 4; i++) {
            record[at + i] = (byte) (value >>> 24 - 8 * i);
        }
    }

    private static String error(int errno) {
        return "F-1," + Integer.toHexString(errno);
    }
}
