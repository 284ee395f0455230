package ferrite.peripherals.virtio;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/** The buffers of a chain, one after the other, and the device's position in them. */
final class Buffers {

    /** One buffer, all of it in RAM. */
    private record Buffer(long pa, long length) { }

    private final GuestMemory memory;
    private final List<Buffer> buffers = new ArrayList<>();
    private long bytes;
    private long done;
    /** The buffer that holds the next byte, and the byte's offset in it. */
    private int current;
    private long offset;

    Buffers(GuestMemory memory) {
        this.memory = memory;
    }

    void add(long pa, long length) {
        buffers.add(new Buffer(pa, length));
        bytes += length;
    }

    int count() {
        return buffers.size();
    }

    /** Returns the total length in bytes. */
    long bytes() {
        return bytes;
    }

    /** Returns the number of bytes that the device has gone through. */
    long done() {
        return done;
    }

    long left() {
        return bytes - done;
    }

    /** Reads the next bytes. At least so many are left. */
    void read(byte[] into, int length) {
        advance(length, (pa, at, piece) -> memory.read(pa, into, at, piece));
    }

    /** Writes the next bytes. At least so many are left. */
    void write(byte[] from, int length) {
        advance(length, (pa, at, piece) -> memory.write(pa, from, at, piece));
    }

    /** Writes the last byte of all, wherever the position is. The position moves only if that byte was next. */
    void writeLast(int value) {
        byte[] one = {(byte) value};
        if (left() == 1) {
            write(one, 1);
            return;
        }
        int last = buffers.size() - 1;
        while (buffers.get(last).length == 0) {
            last--;
        }
        memory.write(buffers.get(last).pa + buffers.get(last).length - 1, one, 0, 1);
    }

    /** Writes bytes past the end of the last buffer, as far as there is memory. */
    void writePast(byte[] bytes) {
        int last = buffers.size() - 1;
        long end = buffers.get(last).pa + buffers.get(last).length;
        if (memory.holds(end, bytes.length)) {
            memory.write(end, bytes, 0, bytes.length);
        }
    }

    private interface Move {
        void piece(long pa, int at, int length);
    }

    private void advance(long length, Move move) {
        for (long at = 0; at < length; ) {
            Buffer buffer = buffers.get(current);
            long piece = Math.min(length - at, buffer.length - offset);
            move.piece(buffer.pa + offset, (int) at, (int) piece);
            at += piece;
            offset += piece;
            if (offset == buffer.length) {
                current++;
                offset = 0;
            }
        }
        done += length;
    }

    // ---- state ----

    void save(StateWriter out) {
        out.put32(buffers.size());
        for (Buffer buffer : buffers) {
            out.put64(buffer.pa);
            out.put64(buffer.length);
        }
        out.put64(done);
    }

    static Buffers restore(StateReader in, GuestMemory memory) {
        Buffers restored = new Buffers(memory);
        int count = in.get32(0, VirtQueue.MAX_SIZE);
        for (int i = 0; i < count; i++) {
            long pa = in.get64();
            long length = in.get64();
            StateReader.requireThat(memory.holds(pa, length),
                    "a buffer, " + length + " bytes at 0x" + Long.toHexString(pa) + ", is not in RAM");
            restored.add(pa, length);
        }
        restored.advance(in.get64(0, restored.bytes), (pa, at, piece) -> { });
        return restored;
    }
}
