package ferrite.hardware.dma;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import java.util.Arrays;

/**
 * Moves bytes between memory, devices and the controller's temporary register. The ISA bus has no way to say that nobody answered: what is
 * written where no RAM is, or to a device that has stopped listening, is lost, and a bus that nobody drives reads as ones.
 */
final class IsaBus {

    private static final byte NOT_DRIVEN = (byte) 0xff;

    private final PhysicalBus bus;
    private final BusMaster master;

    IsaBus(PhysicalBus bus, BusMaster master) {
        this.bus = bus;
        this.master = master;
    }

    /** Makes so many transfers on a channel, of which the device answers the first ones only. */
    void transfer(DmaChannel channel, int transfers, int answered) {
        for (int done = 0; done < transfers; ) {
            int piece = Math.min(transfers - done, channel.untilWrap());
            int fromDevice = Math.min(piece, Math.min(Math.max(0, answered - done), channel.ready()));
            switch (channel.transferType()) {
                case DmaRegisters.MODE_WRITE -> writeTransfers(channel, piece, fromDevice);
                case DmaRegisters.MODE_READ -> readTransfers(channel, piece, fromDevice);
                default -> { }                         // verify: addresses and terminal count, but nobody is told to read or write
            }
            channel.advance(piece);
            done += piece;
        }
    }

    private void writeTransfers(DmaChannel channel, int transfers, int answered) {
        byte[] bytes = new byte[transfers * channel.width];
        int supplied = answered * channel.width;
        if (supplied > 0) {
            channel.requester.supply(bytes, 0, supplied);
        }
        Arrays.fill(bytes, supplied, bytes.length, NOT_DRIVEN);
        put(channel, bytes);
    }

    private void readTransfers(DmaChannel channel, int transfers, int answered) {
        byte[] bytes = get(channel, transfers);
        if (answered > 0) {
            channel.requester.accept(bytes, 0, answered * channel.width);
        }
    }

    // ---- memory to memory ----

    /** Copies as a chip does that reads one byte, keeps it, and writes it, so many times. Returns the last byte. */
    byte copy(DmaChannel from, DmaChannel to, int transfers, boolean hold) {
        byte last = 0;
        for (int done = 0; done < transfers; ) {
            int piece = copyPiece(from, to, transfers - done, hold);
            byte[] bytes = hold ? repeat(get(from, 1)[0], piece) : get(from, piece);
            last = bytes[piece - 1];
            put(to, bytes);
            to.advance(piece);
            step(from, piece, hold);
            done += piece;
        }
        return last;
    }

    /** As many as can be read before any is written and nobody the wiser. */
    private static int copyPiece(DmaChannel from, DmaChannel to, int most, boolean hold) {
        int piece = Math.min(most, to.untilWrap());
        if (from.autoInitialises()) {
            piece = Math.min(piece, from.remaining());
        }
        if (hold) {
            return piece;
        }
        piece = Math.min(piece, from.untilWrap());
        long distance = Math.abs(from.lowestDma(piece) - to.lowestDma(piece));
        return distance < piece ? 1 : piece;
    }

    /** Channel 0 runs out without a terminal count, and begins again if it is to (82C37A data sheet). */
    private static void step(DmaChannel from, int transfers, boolean hold) {
        if (hold) {
            from.countDown(transfers);
        } else {
            from.advance(transfers);
        }
        if (from.autoInitialises() && from.hasRunOut()) {
            from.initialise();
        }
    }

    private static byte[] repeat(byte value, int times) {
        byte[] bytes = new byte[times];
        Arrays.fill(bytes, value);
        return bytes;
    }

    // ---- memory, in the order in which the channel goes through it ----

    private byte[] get(DmaChannel channel, int transfers) {
        byte[] bytes = new byte[transfers * channel.width];
        readWhereRamIs(channel.lowestDma(transfers), bytes);
        if (channel.decrements()) {
            reverse(bytes, channel.width);
        }
        return bytes;
    }

    /** Turns the bytes round where they are, if need be. */
    private void put(DmaChannel channel, byte[] bytes) {
        if (channel.decrements()) {
            reverse(bytes, channel.width);
        }
        writeWhereRamIs(channel.lowestDma(bytes.length / channel.width), bytes);
    }

    /** The last transfer comes first; the bytes of a word stay in their order. */
    private static void reverse(byte[] bytes, int width) {
        for (int low = 0, high = bytes.length - width; low < high; low += width, high -= width) {
            for (int i = 0; i < width; i++) {
                byte kept = bytes[low + i];
                bytes[low + i] = bytes[high + i];
                bytes[high + i] = kept;
            }
        }
    }

    private void writeWhereRamIs(long pa, byte[] bytes) {
        int start = ramStart(pa, bytes.length);
        bus.write(master, pa + start, bytes, start, ramEnd(pa, bytes.length) - start);
    }

    private void readWhereRamIs(long pa, byte[] bytes) {
        int start = ramStart(pa, bytes.length);
        int end = ramEnd(pa, bytes.length);
        Arrays.fill(bytes, 0, start, NOT_DRIVEN);
        bus.read(master, pa + start, bytes, start, end - start);
        Arrays.fill(bytes, end, bytes.length, NOT_DRIVEN);
    }

    /** Where in a stretch of {@code length} bytes RAM begins, or {@code length}. */
    private int ramStart(long pa, int length) {
        return pa >= bus.ram().base() + bus.ram().bytes() ? length : (int) Math.min(length, Math.max(0, bus.ram().base() - pa));
    }

    /** Where RAM ends in it, or {@code length}. */
    private int ramEnd(long pa, int length) {
        long end = bus.ram().base() + bus.ram().bytes() - pa;
        return end <= 0 ? length : (int) Math.min(length, end);
    }
}
