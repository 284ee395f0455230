package ferrite.hardware.dma;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import java.util.Arrays;

/**
 * The ISA bus: it moves bytes between memory, devices and the controller's temporary register. The bus cannot signal an
 * unanswered access. Bytes written to an address without RAM, or to a device that no longer takes them, are lost. A bus
 * that is not driven reads as ones.
 */
final class IsaBus {

    private static final byte NOT_DRIVEN = (byte) 0xff;

    /** Maximum size of a step through {@link #data}, small enough for a cache of the host. */
    private static final int PIECE_BYTES = 8 << 10;

    private final PhysicalBus bus;
    private final Upwards upwards = new Upwards();
    private final Staged staged = new Staged();
    private final byte[] data = new byte[PIECE_BYTES];

    IsaBus(PhysicalBus bus) {
        this.bus = bus;
    }

    /**
     * Makes a number of transfers on a channel, or from memory to memory. The device answers only the first of them.
     */
    void transfer(DmaChannel channel, int transfers, int answered) {
        if (channel.chip.isMemoryToMemory(channel)) {
            channel.chip.keepTemporary(copy(channel, channel.chip.counting(channel), transfers,
                    channel.chip.holdsAddress()));
            return;
        }
        for (int done = 0; done < transfers; ) {
            int piece = Math.min(transfers - done, channel.untilWrap());
            if (channel.decrements()) {
                piece = Math.min(piece, PIECE_BYTES / channel.width);
            }
            int ofDevice = Math.min(piece, Math.min(Math.max(0, answered - done), channel.ready())) * channel.width;
            switch (channel.transferType()) {
                case DmaRegisters.MODE_WRITE -> writeTransfers(channel, piece, ofDevice);
                case DmaRegisters.MODE_READ -> readTransfers(channel, piece, ofDevice);
                default -> { }                         // verify: addresses and terminal count, but no read or write
            }
            channel.advance(piece);
            done += piece;
        }
    }

    private void writeTransfers(DmaChannel channel, int transfers, int answered) {
        if (channel.decrements()) {
            Arrays.fill(data, 0, transfers * channel.width, NOT_DRIVEN);
            if (answered > 0) {
                channel.requester.supply(staged.begin(answered), answered);
            }
            put(channel, transfers);
        } else {
            upwards.begin(channel.master, channel.drivenDma(), answered);
            if (answered > 0) {
                channel.requester.supply(upwards, answered);
            }
            upwards.putRest(transfers * channel.width - answered);
        }
    }

    private void readTransfers(DmaChannel channel, int transfers, int answered) {
        if (channel.decrements()) {
            get(channel, transfers);
            if (answered > 0) {
                channel.requester.accept(staged.begin(answered), answered);
            }
        } else {
            upwards.begin(channel.master, channel.drivenDma(), answered);
            if (answered > 0) {
                channel.requester.accept(upwards, answered);
            }
            upwards.getRest(transfers * channel.width - answered);
        }
    }

    // ---- the bytes of one call of a device ----

    /** Memory from an address upwards. The bytes go straight between it and an array, such as the device's. */
    private final class Upwards implements DmaBytes {
        private BusMaster master;
        private long pa;
        private long end;

        Upwards begin(BusMaster by, long from, int length) {
            master = by;
            pa = from;
            end = from + length;
            return this;
        }

        @Override
        public void put(byte[] from, int at, int length) {
            requireRoom(length, end - pa);
            int start = ramStart(pa, length);
            bus.write(master, pa + start, from, at + start, ramEnd(pa, length) - start);
            pa += length;
        }

        @Override
        public void get(byte[] into, int at, int length) {
            requireRoom(length, end - pa);
            int start = ramStart(pa, length);
            int past = ramEnd(pa, length);
            Arrays.fill(into, at, at + start, NOT_DRIVEN);
            bus.read(master, pa + start, into, at + start, past - start);
            Arrays.fill(into, at + past, at + length, NOT_DRIVEN);
            pa += length;
        }

        /** Puts ones for the bytes that the device has not put, and for some more. */
        void putRest(int more) {
            end += more;
            if (pa < end) {
                Arrays.fill(data, NOT_DRIVEN);
            }
            while (pa < end) {
                put(data, 0, (int) Math.min(PIECE_BYTES, end - pa));
            }
        }

        /** Reads the bytes that the device has not got, and some more. */
        void getRest(int more) {
            end += more;
            while (pa < end) {
                get(data, 0, (int) Math.min(PIECE_BYTES, end - pa));
            }
        }
    }

    /** The bytes of a channel that counts downwards. They go through {@link #data}, which is then reversed. */
    private final class Staged implements DmaBytes {
        private int moved;
        private int end;

        Staged begin(int length) {
            moved = 0;
            end = length;
            return this;
        }

        @Override
        public void put(byte[] from, int at, int length) {
            requireRoom(length, end - moved);
            System.arraycopy(from, at, data, moved, length);
            moved += length;
        }

        @Override
        public void get(byte[] into, int at, int length) {
            requireRoom(length, end - moved);
            System.arraycopy(data, moved, into, at, length);
            moved += length;
        }
    }

    private static void requireRoom(int length, long room) {
        if (length < 0 || length > room) {
            throw new IllegalArgumentException("a device moves " + length + " bytes, but " + room + " are left");
        }
    }

    // ---- memory to memory ----

    /** Copies byte by byte: reads one, keeps it and writes it. Returns the last byte. */
    private byte copy(DmaChannel from, DmaChannel to, int transfers, boolean hold) {
        byte last = 0;
        for (int done = 0; done < transfers; ) {
            int piece = copyPiece(from, to, transfers - done, hold);
            if (hold) {
                get(from, 1);
                Arrays.fill(data, 0, piece, data[0]);
            } else {
                get(from, piece);
            }
            last = data[piece - 1];
            put(to, piece);
            to.advance(piece);
            step(from, piece, hold);
            done += piece;
        }
        return last;
    }

    /** Returns the number of bytes that may be read before any of them is written, with the same result. */
    private static int copyPiece(DmaChannel from, DmaChannel to, int max, boolean hold) {
        int piece = Math.min(Math.min(max, to.untilWrap()), PIECE_BYTES);
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

    /**
     * Steps channel 0. It runs out without a terminal count, and then starts again if it auto-initialises (82C37A data
     * sheet).
     */
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

    // ---- memory, in the order of the channel's transfers ----

    private void get(DmaChannel channel, int transfers) {
        int length = transfers * channel.width;
        upwards.begin(channel.master, channel.lowestDma(transfers), length).get(data, 0, length);
        if (channel.decrements()) {
            reverse(length, channel.width);
        }
    }

    private void put(DmaChannel channel, int transfers) {
        int length = transfers * channel.width;
        if (channel.decrements()) {
            reverse(length, channel.width);
        }
        upwards.begin(channel.master, channel.lowestDma(transfers), length).put(data, 0, length);
    }

    /** Reverses the order of the transfers. The bytes of a word keep their order. */
    private void reverse(int length, int width) {
        for (int low = 0, high = length - width; low < high; low += width, high -= width) {
            for (int i = 0; i < width; i++) {
                byte kept = data[low + i];
                data[low + i] = data[high + i];
                data[high + i] = kept;
            }
        }
    }

    /** Returns the offset of the first byte of RAM in a range, or {@code length}. */
    private int ramStart(long pa, int length) {
        return pa >= bus.ram().base() + bus.ram().bytes() ? length
                : (int) Math.min(length, Math.max(0, bus.ram().base() - pa));
    }

    /** Returns the offset just past the last byte of RAM in a range, or {@code length}. */
    private int ramEnd(long pa, int length) {
        long end = bus.ram().base() + bus.ram().bytes() - pa;
        return end <= 0 ? length : (int) Math.min(length, end);
    }
}
