package ferrite.debugport.gdb;

import ferrite.hardware.debug.DebugMemory;
import ferrite.hardware.hart.Hart;

/** The packets m, x, M, X, qCRC and qSearch:memory, and QEMU's choice of physical addresses. */
final class MemoryPackets implements PacketHandler {

    private static final int MAX_READ_BYTES = 0x20000;
    /** Bytes of memory that a CRC or a search looks at, at most. */
    private static final int MAX_SCAN_BYTES = 1 << 28;
    /** The bytes that they look at in one piece: the machine stands still for a millisecond or two. */
    private static final int PIECE_BYTES = 1 << 19;
    private static final int CHUNK_BYTES = 1 << 16;
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

    /** Computes GDB's checksum of memory, piece by piece. */
    private String crc(String arguments) throws PacketException {
        String[] parts = parts(arguments, ',');
        long address = Packets.address(parts[0]);
        long length = requireScannable(Packets.number(parts[1]));
        Hart hart = hart();
        byte[] chunk = new byte[CHUNK_BYTES];
        GdbChecksum sum = new GdbChecksum();
        long[] done = {0};
        return session.later(() -> {
            for (long end = Math.min(length, done[0] + PIECE_BYTES); done[0] < end; ) {
                int piece = (int) Math.min(chunk.length, end - done[0]);
                if (memory.read(hart, address + done[0], chunk, piece) < piece) {
                    return NO_MEMORY;
                }
                sum.add(chunk, piece);
                done[0] += piece;
            }
            return done[0] < length ? null : "C" + Integer.toHexString(sum.value());
        });
    }

    private static long requireScannable(long length) throws PacketException {
        if (length < 0 || length > MAX_SCAN_BYTES) {
            throw new PacketException("at most " + (MAX_SCAN_BYTES >> 20) + " MiB of memory are looked at in one go");
        }
        return length;
    }

    /** Searches memory for bytes, piece by piece: {@code ADDRESS;LENGTH;PATTERN}. */
    private String search(String arguments) throws PacketException {
        String[] first = parts(arguments, ';');
        String[] second = parts(first[1], ';');
        long address = Packets.address(first[0]);
        long length = requireScannable(Packets.number(second[0]));
        byte[] pattern = Packets.binary(second[1]);
        if (pattern.length == 0) {
            throw new PacketException("there is nothing to search for");
        }
        Hart hart = hart();
        byte[] chunk = new byte[CHUNK_BYTES + pattern.length - 1];
        long[] done = {0};
        return session.later(() -> {
            for (long end = done[0] + PIECE_BYTES; done[0] < end && done[0] + pattern.length <= length; ) {
                int piece = (int) Math.min(chunk.length, length - done[0]);
                int read = memory.read(hart, address + done[0], chunk, piece);
                int found = indexOf(chunk, read, pattern);
                if (found >= 0) {
                    return "1," + Long.toHexString(address + done[0] + found);
                }
                if (read < piece) {
                    return NO_MEMORY;
                }
                done[0] += CHUNK_BYTES;
            }
            return done[0] + pattern.length <= length ? null : "0";
        });
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
