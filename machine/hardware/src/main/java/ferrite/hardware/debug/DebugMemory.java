package ferrite.hardware.debug;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;

/**
 * Memory as a debugger sees it: at the virtual addresses of a hart, or at physical ones. Reading changes nothing (law
 * 5). Writing is a store by a bus master of its own.
 *
 * <p>An address is translated as a load of the hart's software would be. If no memory is there, it is looked up in the
 * hart's page table (M-mode software has none in use), and in the addresses at which the symbol file was loaded.
 */
public final class DebugMemory {

    private static final BusMaster DEBUGGER = BusMaster.host("debugger");

    private final PhysicalBus bus;
    private final SymbolSource symbols;

    public DebugMemory(Machine machine, SymbolSource symbols) {
        this.bus = machine.bus();
        this.symbols = symbols;
    }

    /** Translates an address of a hart. Returns -1 if there is neither memory nor a device. */
    public long translate(Hart hart, long va) {
        long pa = hart.mmu().peekTranslate((int) va, hart.dataMode());
        if (!exists(pa)) {
            pa = hart.mmu().peekTranslate((int) va, PrivilegeMode.S);
        }
        if (!exists(pa)) {
            pa = symbols.loadedAt(va);
        }
        return exists(pa) ? pa : -1;
    }

    private boolean exists(long pa) {
        return pa >= 0 && (bus.ram().contains(pa) || isInDevice(pa));
    }

    private boolean isInDevice(long pa) {
        for (AddressRange range : bus.ranges()) {
            if (range.contains(pa)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Reads bytes.
     *
     * @param hart the hart whose addresses they are; null for physical addresses
     * @return how many bytes could be read before the first one without memory
     */
    public int read(Hart hart, long address, byte[] into, int length) {
        int done = 0;
        while (done < length) {
            int piece = piece(address + done, length - done);
            long pa = pa(hart, address + done);
            if (pa < 0) {
                return done;
            }
            int read = bus.ram().contains(pa) ? readRam(pa, into, done, piece) : readDevice(pa, into, done, piece);
            done += read;
            if (read < piece) {
                return done;
            }
        }
        return done;
    }

    private int readRam(long pa, byte[] into, int at, int length) {
        bus.peek(pa, into, at, length);
        return length;
    }

    private int readDevice(long pa, byte[] into, int at, int length) {
        int done = 0;
        try {
            while (done < length) {
                int width = width(pa + done, length - done);
                int value = bus.peek(pa + done, width);
                for (int i = 0; i < width; i++) {
                    into[at + done + i] = (byte) (value >>> 8 * i);
                }
                done += width;
            }
        } catch (BusFault nothingThere) {
            return done;
        }
        return done;
    }

    /**
     * Writes bytes.
     *
     * @param hart the hart whose addresses they are; null for physical addresses
     * @return whether all were written
     */
    public boolean write(Hart hart, long address, byte[] from, int length) {
        int done = 0;
        while (done < length) {
            int piece = piece(address + done, length - done);
            long pa = pa(hart, address + done);
            if (pa < 0 || !writePiece(pa, from, done, piece)) {
                return false;
            }
            done += piece;
        }
        return true;
    }

    private boolean writePiece(long pa, byte[] from, int at, int length) {
        try {
            if (bus.ram().contains(pa)) {
                bus.write(DEBUGGER, pa, from, at, length);
                return true;
            }
            for (int done = 0; done < length; ) {
                int width = width(pa + done, length - done);
                int value = 0;
                for (int i = 0; i < width; i++) {
                    value |= (from[at + done + i] & 0xff) << 8 * i;
                }
                bus.store(DEBUGGER, pa + done, width, value);
                done += width;
            }
            return true;
        } catch (BusFault nothingThere) {
            return false;
        }
    }

    private long pa(Hart hart, long address) {
        if (hart == null) {
            return exists(address) ? address : -1;
        }
        return translate(hart, address & 0xffff_ffffL);
    }

    private static int piece(long address, int length) {
        return (int) Math.min(length, Ram.PAGE_BYTES - (address & Ram.PAGE_BYTES - 1));
    }

    /** Returns the width of the widest aligned access at an address. */
    private static int width(long pa, int length) {
        return (pa & 3) == 0 && length >= 4 ? 4 : (pa & 1) == 0 && length >= 2 ? 2 : 1;
    }
}
