package ferrite.peripherals.copier;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.dma.MemcpyEngine;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.irq.IrqHandler;
import java.util.List;

/**
 * {@code copier}: offers the copy engine to the kernel ({@link ferrite.kernel.dma.DmaEngine}), and /dev/copier ({@link CopierFileDriver}). Its descriptors come
 * from a DMA pool; one chain is
 * worked off at a time. The engine is set up when somebody first wants it, so that a machine which does not use it has its memory for other things.
 */
public final class CopierDriver implements Driver, MemcpyEngine {

    private static final int MOST_WIDTH = 32;
    /** What the driver keeps in a descriptor: its own bus address, and where the next one is. */
    private static final int SELF = CopierRegisters.SOFTWARE;
    private static final int NEXT_VA = CopierRegisters.SOFTWARE + 4;

    private KernelCalls kernel;
    private KernelMemory memory;
    private CopierFileDriver file;
    private long interrupt;
    private long engine;
    private long operations;

    @Override
    public String name() {
        return "copier";
    }

    @Override
    public List<String> compatible() {
        return List.of(Copier.COMPATIBLE);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(new Parameter("width", Integer.toString(MOST_WIDTH), "address bits that the engine uses, 24 to 32, and at most what the device tree says",
                        CopierDriver::checkWidth),
                new Parameter("source", "GFP_HIGHUSER", "flags of the pages that /dev/copier copies from and to", Gfp::parse),
                new Parameter("target", "GFP_HIGHUSER", "flags of the pages that /dev/copier keeps", Gfp::parse));
    }

    private static void checkWidth(String value) {
        if (!value.matches("2[4-9]|3[0-2]")) {
            throw new IllegalArgumentException("'" + value + "' is not a number of address bits; 24 to 32 would be right");
        }
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        file = new CopierFileDriver(theKernel, this);
        interrupt = text.add("copier_interrupt", (IrqHandler) this::handleInterrupt);
        engine = text.add("copier_memcpy", this);
        operations = text.add("copier_operations", file);
    }

    // ---- the device: each step takes one thing, and gives it back if a later step fails ----

    @Override
    public int probe(Device device) {
        long copier = kernel.kzalloc(CopierLayout.SIZE, Gfp.GFP_KERNEL);
        if (copier == 0) {
            return -Errno.ENOMEM;
        }
        memory.store32(copier + CopierLayout.IRQ, device.irq());
        memory.storeAddress(copier + CopierLayout.DEV, device.dev());
        memory.store32(copier + CopierLayout.SOURCE_GFP, Gfp.parse(device.parameter("source")));
        memory.store32(copier + CopierLayout.TARGET_GFP, Gfp.parse(device.parameter("target")));
        memory.store32(copier + CopierLayout.WIDTH,
                Math.min(device.property(Copier.ADDRESS_WIDTH, CopierRegisters.MIN_BITS), Integer.parseInt(device.parameter("width"))));
        kernel.mutexInit(copier + CopierLayout.ONE_CHAIN);
        kernel.mutexInit(copier + CopierLayout.ONE_USER);
        kernel.initWaitqueueHead(copier + CopierLayout.DONE_WAIT);
        int result = mapRegisters(device, copier);
        if (result < 0) {
            kernel.kfree(copier);
        } else {
            device.setDriverData(copier);
        }
        return result;
    }

    private int mapRegisters(Device device, long copier) {
        long registers = kernel.ioremap(device.registers().address(), device.registers().size());
        if (registers == 0) {
            return -Errno.ENOMEM;
        }
        memory.storeAddress(copier + CopierLayout.REGISTERS, registers);
        int width = memory.load32(copier + CopierLayout.WIDTH);
        write(copier, CopierRegisters.WIDTH, width);
        int result = read(copier, CopierRegisters.WIDTH) == width ? takeInterrupt(copier) : -Errno.EINVAL;
        if (result < 0) {
            kernel.iounmap(registers);
        }
        return result;
    }

    private int takeInterrupt(long copier) {
        int irq = memory.load32(copier + CopierLayout.IRQ);
        int result = kernel.requestIrq(irq, interrupt, "copier", copier);
        if (result == 0) {
            result = offerEngine(copier);
            if (result < 0) {
                kernel.freeIrq(irq);
            }
        }
        return result;
    }

    private int offerEngine(long copier) {
        int result = kernel.dmaAsyncDeviceRegister(engine, copier);
        if (result == 0) {
            result = kernel.cdevAdd("copier", operations, copier);
            if (result < 0) {
                kernel.dmaAsyncDeviceUnregister();
            } else {
                kernel.printk("copier: " + memory.load32(copier + CopierLayout.WIDTH) + " address bits");
            }
        }
        return result;
    }

    @Override
    public void remove(Device device) {
        long copier = device.driverData();
        kernel.cdevDel("copier");
        kernel.dmaAsyncDeviceUnregister();
        file.giveBack(copier);
        kernel.dmaPoolDestroy(memory.loadAddress(copier + CopierLayout.POOL));
        kernel.freeIrq(memory.load32(copier + CopierLayout.IRQ));
        kernel.iounmap(memory.loadAddress(copier + CopierLayout.REGISTERS));
        kernel.kfree(copier);
    }

    // ---- for others in the kernel ----

    /** Sets masks, limits and the pool of descriptors, once. */
    @Override
    public long request(long copier) {
        long dev = memory.loadAddress(copier + CopierLayout.DEV);
        kernel.mutexLock(copier + CopierLayout.ONE_CHAIN);
        if (memory.load32(copier + CopierLayout.POOL) == 0 && kernel.dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(memory.load32(copier + CopierLayout.WIDTH))) == 0) {
            kernel.dmaSetMaxSegSize(dev, CopierRegisters.MAX_BYTES);
            kernel.dmaSetSegBoundary(dev, (1L << CopierRegisters.COUNTER_BITS) - 1);
            memory.storeAddress(copier + CopierLayout.POOL,
                    kernel.dmaPoolCreate("copier", dev, CopierRegisters.DESCRIPTOR_BYTES, CopierRegisters.DESCRIPTOR_BYTES, 0));
        }
        boolean ready = memory.load32(copier + CopierLayout.POOL) != 0;
        kernel.mutexUnlock(copier + CopierLayout.ONE_CHAIN);
        return ready ? dev : 0;
    }

    @Override
    public int memcpy(long copier, long targetDma, long sourceDma, int bytes) {
        if (bytes <= 0) {
            return -Errno.EINVAL;
        }
        kernel.mutexLock(copier + CopierLayout.ONE_CHAIN);
        Chain chain = new Chain(copier);
        boolean made = true;
        for (int done = 0; made && done < bytes; ) {
            int piece = (int) Math.min(Math.min(untilBoundary(targetDma + done), untilBoundary(sourceDma + done)), Math.min(bytes - done, CopierRegisters.MAX_BYTES));
            made = chain.add(targetDma + done, sourceDma + done, piece);
            done += piece;
        }
        return finish(chain, made);
    }

    private static long untilBoundary(long address) {
        long boundary = 1L << CopierRegisters.COUNTER_BITS;
        return boundary - (address & boundary - 1);
    }

    @Override
    public int memcpySg(long copier, long target, int targetSegments, long source, int sourceSegments) {
        kernel.mutexLock(copier + CopierLayout.ONE_CHAIN);
        Chain chain = new Chain(copier);
        boolean made = true;
        long to = target;
        long from = source;
        int toLeft = targetSegments;
        int fromLeft = sourceSegments;
        int toDone = 0;
        int fromDone = 0;
        while (made && toLeft > 0 && fromLeft > 0) {
            int piece = Math.min(kernel.sgDmaLen(to) - toDone, kernel.sgDmaLen(from) - fromDone);
            made = chain.add(kernel.sgDmaAddress(to) + toDone, kernel.sgDmaAddress(from) + fromDone, piece);
            toDone += piece;
            fromDone += piece;
            if (toDone == kernel.sgDmaLen(to)) {
                to = --toLeft > 0 ? kernel.sgNext(to) : 0;
                toDone = 0;
            }
            if (fromDone == kernel.sgDmaLen(from)) {
                from = --fromLeft > 0 ? kernel.sgNext(from) : 0;
                fromDone = 0;
            }
        }
        return finish(chain, made);
    }

    /** @param made whether there was memory for all its descriptors */
    private int finish(Chain chain, boolean made) {
        int result = made && chain.first != 0 ? run(chain) : -Errno.ENOMEM;
        chain.free();
        kernel.mutexUnlock(chain.copier + CopierLayout.ONE_CHAIN);
        return result;
    }

    // ---- a chain ----

    /** Descriptors in the order in which they are worked off; on the stack of the task that waits for them. */
    private final class Chain {

        private final long copier;
        private final long pool;
        private long first;
        private long last;

        private Chain(long copier) {
            this.copier = copier;
            this.pool = memory.loadAddress(copier + CopierLayout.POOL);
        }

        /** Returns false when there is no memory for it. */
        private boolean add(long targetDma, long sourceDma, int bytes) {
            long descriptor = pool == 0 ? 0 : kernel.dmaPoolZalloc(pool, Gfp.GFP_KERNEL, copier + CopierLayout.HANDLE);
            if (descriptor == 0) {
                return false;
            }
            long dma = memory.loadAddress(copier + CopierLayout.HANDLE);
            memory.storeAddress(descriptor + CopierRegisters.SOURCE, sourceDma);
            memory.storeAddress(descriptor + CopierRegisters.TARGET, targetDma);
            memory.store32(descriptor + CopierRegisters.LENGTH, bytes);
            memory.storeAddress(descriptor + SELF, dma);
            if (last == 0) {
                first = descriptor;
            } else {
                memory.storeAddress(last + CopierRegisters.NEXT, dma);
                memory.storeAddress(last + NEXT_VA, descriptor);
            }
            last = descriptor;
            return true;
        }

        private boolean isComplete() {
            for (long descriptor = first; descriptor != 0; descriptor = memory.loadAddress(descriptor + NEXT_VA)) {
                if (memory.load32(descriptor + CopierRegisters.RESULT) != CopierRegisters.COMPLETE) {
                    return false;
                }
            }
            return true;
        }

        private void free() {
            for (long descriptor = first; descriptor != 0; ) {
                long next = memory.loadAddress(descriptor + NEXT_VA);
                kernel.dmaPoolFree(pool, descriptor, memory.loadAddress(descriptor + SELF));
                descriptor = next;
            }
        }
    }

    /** No signal ends this sleep: until the engine is done, it reaches into the memory. */
    private int run(Chain chain) {
        long copier = chain.copier;
        memory.store32(copier + CopierLayout.RESULT, 0);
        write(copier, CopierRegisters.DESCRIPTOR, (int) memory.loadAddress(chain.first + SELF));
        write(copier, CopierRegisters.COMMAND, CopierRegisters.START);
        kernel.waitEvent(copier + CopierLayout.DONE_WAIT, () -> memory.load32(copier + CopierLayout.RESULT) != 0);
        if (memory.load32(copier + CopierLayout.RESULT) != CopierRegisters.DONE || !chain.isComplete()) {
            kernel.printk("copier: error " + read(copier, CopierRegisters.ERROR) + " at bus address 0x" + Integer.toHexString(read(copier, CopierRegisters.ERROR_ADDRESS))
                    + " after " + read(copier, CopierRegisters.COPIED) + " bytes");
            return -Errno.EIO;
        }
        return 0;
    }

    private boolean handleInterrupt(int irq, long copier) {
        int status = read(copier, CopierRegisters.STATUS);
        if ((status & CopierRegisters.DONE) == 0) {
            return false;
        }
        write(copier, CopierRegisters.STATUS, CopierRegisters.DONE);
        memory.store32(copier + CopierLayout.RESULT, status);
        kernel.wakeUpAll(copier + CopierLayout.DONE_WAIT);
        return true;
    }

    private int read(long copier, int register) {
        return memory.load32(memory.loadAddress(copier + CopierLayout.REGISTERS) + register);
    }

    private void write(long copier, int register, int value) {
        memory.store32(memory.loadAddress(copier + CopierLayout.REGISTERS) + register, value);
    }
}
