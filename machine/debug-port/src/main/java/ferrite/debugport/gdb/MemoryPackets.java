package ferrite.debugport.gdb;

import ferrite.hardware.debug.DebugMemory;
import ferrite.hardware.hart.Hart;
import java.util.stream.IntStream;

/** The packets m, x, M, X, qCRC and qSearch:memory, and QEMU's choice of physical addresses. */
final class MemoryPackets implements PacketHandler {

    private static final int MAX_READ_BYTES = 0x20000;
    /** Bytes of memory that a CRC or a search looks at, at most: the machine stands still meanwhile. */
    private static final int MAX_SCAN_BYTES = 1 << 28;
    private static final int CRC_POLYNOMIAL = 0x04c11db7;
    /** The checksum of each byte alone: the machine waits for the sum, so it is taken a byte at a time. */
    private static final int[] CRC_OF_BYTE = IntStream.range(0, 256).map(MemoryPackets::crcOf).toArray();
    private static final String NO_MEMORY = "E01";

    private final DebugMemory memory;
    private final GdbSession session;
    private boolean physical;

    MemoryPackets(DebugMemory memory, GdbSession session) {
        this.memory = memory;
        this.session = session;
    }

    @Override
    public String answer(String data) throws PacketException {
        switch (data.charAt(0)) {
            case 'm' -> {
                byte[] bytes = read(data.substring(1));
                return bytes == null ? NO_MEMORY : Packets.hex(bytes, bytes.length);
            }
            case 'x' -> {
                if (session.isLldb()) {
                    return UNKNOWN;                    // LLDB's packet of this name has another reply
                }
                byte[] bytes = read(data.substring(1));
                return bytes == null ? NO_MEMORY : "b" + Packets.binary(bytes, bytes.length);
            }
            case 'M' -> {
                String[] parts = parts(data.substring(1), ':');
                return write(parts[0], Packets.bytes(parts[1]));
            }
            case 'X' -> {
                String[] parts = parts(data.substring(1), ':');
                return write(parts[0], Packets.binary(parts[1]));
            }
            default -> {
                return answerQuery(data);
            }
        }
    }

    private String answerQuery(String data) throws PacketException {
        if (data.startsWith("qCRC:")) {
            return crc(data.substring("qCRC:".length()));
        }
        if (data.startsWith("qSearch:memory:")) {
            return search(data.substring("qSearch:memory:".length()));
        }
        if (data.equals("qqemu.PhyMemMode")) {
            return physical ? "1" : "0";
        }
        if (data.startsWith("Qqemu.PhyMemMode:")) {
            physical = Packets.number(data.substring("Qqemu.PhyMemMode:".length())) != 0;
            return "OK";
        }
        return null;
    }

    /** Returns the hart whose addresses count, or null for physical ones. */
    private Hart hart() {
        return physical ? null : session.selected().hart();
    }

    private byte[] read(String arguments) throws PacketException {
        String[] parts = parts(arguments, ',');
        long address = Packets.address(parts[0]);
        int length = Math.min(Packets.length(parts[1]), MAX_READ_BYTES);
        byte[] bytes = new byte[length];
        int done = memory.read(hart(), address, bytes, length);
        return done == 0 && length > 0 ? null : java.util.Arrays.copyOf(bytes, done);
    }

    private String write(String where, byte[] bytes) throws PacketException {
        String[] parts = parts(where, ',');
        long address = Packets.address(parts[0]);
        if (Packets.length(parts[1]) != bytes.length) {
            throw new PacketException("the packet's length and its data differ");
        }
        session.requireControl();
        return memory.write(hart(), address, bytes, bytes.length) ? "OK" : NO_MEMORY;
    }

    /** Computes GDB's checksum of memory: CRC-32, most significant bit first, from all ones, without a final change. */
    private String crc(String arguments) throws PacketException {
        String[] parts = parts(arguments, ',');
        long address = Packets.address(parts[0]);
        long length = requireScannable(Packets.number(parts[1]));
        byte[] chunk = new byte[0x10000];
        int crc = -1;
        for (long done = 0; done < length; ) {
            int piece = (int) Math.min(chunk.length, length - done);
            if (memory.read(hart(), address + done, chunk, piece) < piece) {
                return NO_MEMORY;
            }
            crc = crcOf(chunk, piece, crc);
            done += piece;
        }
        return "C" + Integer.toHexString(crc);
    }

    private static int crcOf(byte[] bytes, int length, int before) {
        int crc = before;
        for (int i = 0; i < length; i++) {
            crc = crc << 8 ^ CRC_OF_BYTE[crc >>> 24 ^ bytes[i] & 0xff];
        }
        return crc;
    }

    private static int crcOf(int value) {
        int crc = value << 24;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc << 1 ^ (crc < 0 ? CRC_POLYNOMIAL : 0);
        }
        return crc;
    }

    private static long requireScannable(long length) throws PacketException {
        if (length < 0 || length > MAX_SCAN_BYTES) {
            throw new PacketException("at most " + (MAX_SCAN_BYTES >> 20) + " MiB of memory are looked at in one go");
        }
        return length;
    }

    /** Searches memory for bytes: {@code ADDRESS;LENGTH;PATTERN}. */
    private String search(String arguments) throws PacketException {
        String[] first = parts(arguments, ';');
        String[] second = parts(first[1], ';');
        long address = Packets.address(first[0]);
        long length = requireScannable(Packets.number(second[0]));
        byte[] pattern = Packets.binary(second[1]);
        if (pattern.length == 0) {
            throw new PacketException("there is nothing to search for");
        }
        byte[] chunk = new byte[0x10000 + pattern.length - 1];
        for (long done = 0; done + pattern.length <= length; done += 0x10000) {
            int piece = (int) Math.min(chunk.length, length - done);
            int read = memory.read(hart(), address + done, chunk, piece);
            int found = indexOf(chunk, read, pattern);
            if (found >= 0) {
                return "1," + Long.toHexString(address + done + found);
            }
            if (read < piece) {
                return NO_MEMORY;
            }
        }
        return "0";
    }

    private static int indexOf(byte[] bytes, int length, byte[] pattern) {
        for (int at = 0; at + pattern.length <= length; at++) {
            if (bytes[at] == pattern[0]
                    && java.util.Arrays.equals(bytes, at, at + pattern.length, pattern, 0, pattern.length)) {
                return at;
            }
        }
        return -1;
    }

    private static String[] parts(String text, char separator) throws PacketException {
        int at = text.indexOf(separator);
        if (at < 0) {
            throw new PacketException("a '" + separator + "' is missing");
        }
        return new String[] {text.substring(0, at), text.substring(at + 1)};
    }
}
