package ferrite.kernel.driver;

import ferrite.kernel.base.Plumbing;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.Resources;

/** The calls for device registers and their regions. */
@Plumbing
abstract class RegisterDoor extends LogDoor implements RegisterCalls {

    static final int WORD = 4;
    static final int HALF = 2;
    static final int BYTE = 1;

    private final Resources resources;

    RegisterDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.resources = subsystems.files().regions().memory();
    }

    // ---- regions ----

    @Override public long requestMemRegion(long start, long bytes, String name) {
        return resources.request(start, bytes, name);
    }
    @Override public void releaseMemRegion(long start, long bytes) { resources.release(start, bytes); }

    // ---- one register ----

    @Override public int readb(long address) { return completed(memory.load8(address)); }
    @Override public int readw(long address) { return completed(memory.load16(address)); }
    @Override public int readl(long address) { return completed(memory.load32(address)); }
    @Override public void writeb(int value, long address) {
        orderStores();
        memory.store8(address, value);
    }
    @Override public void writew(int value, long address) {
        orderStores();
        memory.store16(address, value);
    }
    @Override public void writel(int value, long address) {
        orderStores();
        memory.store32(address, value);
    }
    @Override public int readbRelaxed(long address) { return memory.load8(address); }
    @Override public int readwRelaxed(long address) { return memory.load16(address); }
    @Override public int readlRelaxed(long address) { return memory.load32(address); }
    @Override public void writebRelaxed(int value, long address) { memory.store8(address, value); }
    @Override public void writewRelaxed(int value, long address) { memory.store16(address, value); }
    @Override public void writelRelaxed(int value, long address) { memory.store32(address, value); }
    @Override public int ioread8(long address) { return readb(address); }
    @Override public int ioread16(long address) { return readw(address); }
    @Override public int ioread32(long address) { return readl(address); }
    @Override public int ioread16be(long address) { return swapped(readw(address)); }
    @Override public int ioread32be(long address) { return Integer.reverseBytes(readl(address)); }
    @Override public void iowrite8(int value, long address) { writeb(value, address); }
    @Override public void iowrite16(int value, long address) { writew(value, address); }
    @Override public void iowrite32(int value, long address) { writel(value, address); }
    @Override public void iowrite16be(int value, long address) { writew(swapped(value), address); }
    @Override public void iowrite32be(int value, long address) { writel(Integer.reverseBytes(value), address); }

    /** Orders all stores before a write to a register. */
    private void orderStores() {
        base.cpu().fence();
        base.states().barriers().passed(base.cpu().hartId());
    }

    /** Orders a read before all later accesses. Returns its value. */
    private int completed(int value) {
        base.cpu().fence();
        return value;
    }

    private static int swapped(int value) {
        return Integer.reverseBytes(value) >>> Short.SIZE;
    }

    // ---- one register, many times ----

    @Override public void ioread8Rep(long address, long buffer, int count) { readRep(address, BYTE, buffer, count); }
    @Override public void ioread16Rep(long address, long buffer, int count) { readRep(address, HALF, buffer, count); }
    @Override public void ioread32Rep(long address, long buffer, int count) { readRep(address, WORD, buffer, count); }
    @Override public void iowrite8Rep(long address, long buffer, int count) { writeRep(address, BYTE, buffer, count); }
    @Override public void iowrite16Rep(long address, long buffer, int count) { writeRep(address, HALF, buffer, count); }
    @Override public void iowrite32Rep(long address, long buffer, int count) { writeRep(address, WORD, buffer, count); }

    final void readRep(long address, int width, long buffer, int count) {
        for (int i = 0; i < count; i++) {
            fromDevice(buffer + (long) i * width, address, width);
        }
        base.cpu().fence();
    }

    final void writeRep(long address, int width, long buffer, int count) {
        orderStores();
        for (int i = 0; i < count; i++) {
            toDevice(address, buffer + (long) i * width, width);
        }
    }

    // ---- memory of a device ----

    @Override public void memsetIo(long address, int value, int bytes) {
        orderStores();
        for (int done = 0; done < bytes; ) {
            int width = width(address + done, bytes - done);
            store(address + done, width, (value & 0xff) * 0x0101_0101);
            done += width;
        }
    }
    @Override public void memcpyFromio(long to, long address, int bytes) {
        for (int done = 0; done < bytes; ) {
            int width = width(address + done, bytes - done);
            fromDevice(to + done, address + done, width);
            done += width;
        }
        base.cpu().fence();
    }
    @Override public void memcpyToio(long address, long from, int bytes) {
        orderStores();
        for (int done = 0; done < bytes; ) {
            int width = width(address + done, bytes - done);
            toDevice(address + done, from + done, width);
            done += width;
        }
    }

    private static int width(long address, int left) {
        return address % WORD == 0 && left >= WORD ? WORD : BYTE;
    }

    /** Reads a register, and stores its bytes in memory, at any address. */
    private void fromDevice(long to, long address, int width) {
        int value = switch (width) {
            case BYTE -> memory.load8(address);
            case HALF -> memory.load16(address);
            default -> memory.load32(address);
        };
        byte[] bytes = new byte[width];
        for (int i = 0; i < width; i++) {
            bytes[i] = (byte) (value >>> i * Byte.SIZE);
        }
        memory.write(to, bytes, 0, width);
    }

    /** Writes a register with bytes of memory, at any address. */
    private void toDevice(long address, long from, int width) {
        byte[] bytes = new byte[width];
        memory.read(from, bytes, 0, width);
        int value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes[i] & 0xff) << i * Byte.SIZE;
        }
        store(address, width, value);
    }

    private void store(long address, int width, int value) {
        switch (width) {
            case BYTE -> memory.store8(address, value);
            case HALF -> memory.store16(address, value);
            default -> memory.store32(address, value);
        }
    }
}
