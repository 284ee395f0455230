package ferrite.peripherals.copier;

import static ferrite.peripherals.copier.CopierLayout.CHAIN;
import static ferrite.peripherals.copier.CopierLayout.DEV;
import static ferrite.peripherals.copier.CopierLayout.GONE;
import static ferrite.peripherals.copier.CopierLayout.IRQ;
import static ferrite.peripherals.copier.CopierLayout.LOCK;
import static ferrite.peripherals.copier.CopierLayout.ONE_SETUP;
import static ferrite.peripherals.copier.CopierLayout.ONE_USER;
import static ferrite.peripherals.copier.CopierLayout.POOL;
import static ferrite.peripherals.copier.CopierLayout.REGISTERS;
import static ferrite.peripherals.copier.CopierLayout.RETRIED;
import static ferrite.peripherals.copier.CopierLayout.SOURCE_GFP;
import static ferrite.peripherals.copier.CopierLayout.TARGET_GFP;
import static ferrite.peripherals.copier.CopierLayout.WATCHDOG;
import static ferrite.peripherals.copier.CopierLayout.WIDTH;

import ferrite.hardware.devicetree.Region;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.dma.DmaCopyLayout;
import ferrite.kernel.dma.MemcpyEngine;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.sched.TimerFunction;
import java.util.List;

/**
 * {@code copier}: offers the copy engine to the kernel ({@link ferrite.kernel.dma.DmaEngine}), and /dev/copier
 * ({@link CopierFileDriver}). Its descriptors come from a DMA pool; the kernel gives it one chain at a time. The engine
 * is set up at its first use, so that a machine that does not use it has its memory for other things.
 */
public final class CopierDriver implements Driver, MemcpyEngine {

    private static final int MAX_WIDTH = 32;
    private static final int WORD = 4;
    /** The time between two looks at a chain in flight. */
    private static final int PATIENCE_MS = 2000;
    /** The registers of an engine that was pulled out. */
    private static final int ALL_ONES = -1;

    private KernelCalls kernel;
    private KernelMemory memory;
    private CopierFileDriver file;
    private long interrupt;
    private long watchdog;
    private long engine;
    private long operations;

    @Override
    public String name() {
        return "copier";
    }

    @Override
    public boolean suppressBindAttrs() {
        return true;
    }

    @Override
    public List<String> compatible() {
        return List.of(Copier.COMPATIBLE);
    }

    @Override
    public List<Struct> structs() {
        return List.of(CopierLayout.STRUCT, CopierDescriptorLayout.STRUCT);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(new Parameter("width", Integer.toString(MAX_WIDTH),
                "address bits that the engine uses, 24 to 32, and at most what the device tree says",
                CopierDriver::checkWidth), new Parameter("source", "GFP_HIGHUSER",
                "flags of the pages that /dev/copier copies from and to", Gfp::parse),
                new Parameter("target", "GFP_HIGHUSER", "flags of the pages that /dev/copier keeps", Gfp::parse));
    }

    private static void checkWidth(String value) {
        if (!value.matches("2[4-9]|3[0-2]")) {
            throw new IllegalArgumentException("'" + value
                    + "' is not a number of address bits; 24 to 32 would be right");
        }
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        file = new CopierFileDriver(theKernel);
        interrupt = text.add("copier_interrupt", (IrqHandler) this::handleInterrupt);
        watchdog = text.add("copier_watchdog", (TimerFunction) this::watch);
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
        IRQ.set(memory, copier, device.irq());
        DEV.set(memory, copier, device.dev());
        SOURCE_GFP.set(memory, copier, Gfp.parse(device.parameter("source")));
        TARGET_GFP.set(memory, copier, Gfp.parse(device.parameter("target")));
        WIDTH.set(memory, copier,
                Math.min(device.property(Copier.ADDRESS_WIDTH, CopierRegisters.MIN_BITS),
                        Integer.parseInt(device.parameter("width"))));
        kernel.mutexInit(ONE_SETUP.at(copier));
        kernel.mutexInit(ONE_USER.at(copier));
        kernel.spinLockInit(LOCK.at(copier));
        kernel.setupTimer(WATCHDOG.at(copier), watchdog, copier);
        int result = takeRegion(device.registers(), copier);
        if (result < 0) {
            kernel.kfree(copier);
        } else {
            device.setDriverData(copier);
        }
        return result;
    }

    private int takeRegion(Region region, long copier) {
        if (kernel.requestMemRegion(region.address(), region.size(), name()) == 0) {
            return -Errno.EBUSY;
        }
        int result = mapRegisters(region, copier);
        if (result < 0) {
            kernel.releaseMemRegion(region.address(), region.size());
        }
        return result;
    }

    private int mapRegisters(Region region, long copier) {
        long registers = kernel.ioremap(region.address(), region.size());
        if (registers == 0) {
            return -Errno.ENOMEM;
        }
        REGISTERS.set(memory, copier, registers);
        int width = WIDTH.get(memory, copier);
        write(copier, CopierRegisters.WIDTH, width);
        int result = read(copier, CopierRegisters.WIDTH) == width ? takeInterrupt(copier) : -Errno.EINVAL;
        if (result < 0) {
            kernel.iounmap(registers);
        }
        return result;
    }

    private int takeInterrupt(long copier) {
        int irq = IRQ.get(memory, copier);
        int result = kernel.requestIrq(irq, interrupt, 0, "copier", copier);
        if (result == 0) {
            result = offerEngine(copier);
            if (result < 0) {
                kernel.freeIrq(irq, copier);
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
                kernel.prInfo("copier: " + WIDTH.get(memory, copier) + " address bits");
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
        kernel.dmaPoolDestroy(POOL.get(memory, copier));
        kernel.freeIrq(IRQ.get(memory, copier), copier);
        kernel.delTimerSync(WATCHDOG.at(copier));
        kernel.iounmap(REGISTERS.get(memory, copier));
        kernel.releaseMemRegion(device.registers().address(), device.registers().size());
        kernel.kfree(copier);
    }

    // ---- for the kernel ----

    /** Sets masks, limits and the pool of descriptors, once. */
    @Override
    public long request(long copier) {
        long dev = DEV.get(memory, copier);
        kernel.mutexLock(ONE_SETUP.at(copier));
        if (POOL.get(memory, copier) == 0
                && kernel.dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(WIDTH.get(memory, copier))) == 0) {
            kernel.dmaSetMaxSegSize(dev, CopierRegisters.MAX_BYTES);
            kernel.dmaSetSegBoundary(dev, (1L << CopierRegisters.COUNTER_BITS) - 1);
            POOL.set(memory, copier,
                    kernel.dmaPoolCreate("copier", dev, CopierRegisters.DESCRIPTOR_BYTES,
                            CopierRegisters.DESCRIPTOR_BYTES, 0));
        }
        boolean ready = POOL.get(memory, copier) != 0;
        kernel.mutexUnlock(ONE_SETUP.at(copier));
        return ready ? dev : 0;
    }

    @Override
    public long prepare(long copier, long copies, int count, int gfp) {
        Chain chain = new Chain(POOL.get(memory, copier), gfp);
        boolean made = chain.pool != 0;
        for (int i = 0; made && i < count; i++) {
            long copy = copies + (long) i * DmaCopyLayout.SIZE;
            made = chain.addPieces(DmaCopyLayout.TARGET.get(memory, copy), DmaCopyLayout.SOURCE.get(memory, copy),
                    DmaCopyLayout.BYTES.get(memory, copy));
        }
        if (!made) {
            release(copier, chain.first);
            return 0;
        }
        return chain.first;
    }

    private static long untilBoundary(long address) {
        long boundary = 1L << CopierRegisters.COUNTER_BITS;
        return boundary - (address & boundary - 1);
    }

    /** Descriptors in the order of their transfers, while they are made. */
    private final class Chain {

        private final long pool;
        private final int gfp;
        private long first;
        private long last;

        private Chain(long pool, int gfp) {
            this.pool = pool;
            this.gfp = gfp;
        }

        /** Adds a copy of any length. Returns false without memory. */
        private boolean addPieces(long targetDma, long sourceDma, int bytes) {
            boolean made = true;
            for (int done = 0; made && done < bytes; ) {
                int piece = (int) Math.min(Math.min(untilBoundary(targetDma + done), untilBoundary(sourceDma + done)),
                        Math.min(bytes - done, CopierRegisters.MAX_BYTES));
                made = add(targetDma + done, sourceDma + done, piece);
                done += piece;
            }
            return made;
        }

        private boolean add(long targetDma, long sourceDma, int bytes) {
            return kernel.onStack(WORD, handle -> {
                long descriptor = kernel.dmaPoolZalloc(pool, gfp, handle);
                if (descriptor == 0) {
                    return 0;
                }
                long dma = memory.loadAddress(handle);
                CopierDescriptorLayout.SOURCE.set(memory, descriptor, sourceDma);
                CopierDescriptorLayout.TARGET.set(memory, descriptor, targetDma);
                CopierDescriptorLayout.LENGTH.set(memory, descriptor, bytes);
                CopierDescriptorLayout.SELF.set(memory, descriptor, dma);
                if (last == 0) {
                    first = descriptor;
                } else {
                    CopierDescriptorLayout.NEXT.set(memory, last, dma);
                    CopierDescriptorLayout.NEXT_VA.set(memory, last, descriptor);
                }
                last = descriptor;
                return 1;
            }) != 0;
        }
    }

    @Override
    public void release(long copier, long chain) {
        for (long descriptor = chain; descriptor != 0; ) {
            long next = CopierDescriptorLayout.NEXT_VA.get(memory, descriptor);
            kernel.dmaPoolFree(POOL.get(memory, copier), descriptor,
                    CopierDescriptorLayout.SELF.get(memory, descriptor));
            descriptor = next;
        }
    }

    @Override
    public void start(long copier, long chain) {
        CHAIN.set(memory, copier, chain);
        RETRIED.set(memory, copier, 0);
        if (GONE.get(memory, copier) != 0) {
            kernel.modTimer(WATCHDOG.at(copier), kernel.jiffies());
            return;
        }
        if (!kernel.timerPending(WATCHDOG.at(copier))) {
            kernel.modTimer(WATCHDOG.at(copier), kernel.jiffies() + kernel.msecsToJiffies(PATIENCE_MS));
        }
        write(copier, CopierRegisters.DESCRIPTOR, (int) CopierDescriptorLayout.SELF.get(memory, chain));
        write(copier, CopierRegisters.COMMAND, CopierRegisters.START);
    }

    @Override
    public void abort(long copier) {
        write(copier, CopierRegisters.COMMAND, CopierRegisters.ABORT);
    }

    @Override
    public int copied(long copier) {
        return read(copier, CopierRegisters.COPIED);
    }

    // ---- the end of a chain ----

    private IrqReturn handleInterrupt(int irq, long copier) {
        return finish(copier) ? IrqReturn.IRQ_HANDLED : IrqReturn.IRQ_NONE;
    }

    /** Completes a chain that has ended. Returns false if none has. Any context. */
    private boolean finish(long copier) {
        int flags = kernel.spinLockIrqsave(LOCK.at(copier));
        int status = read(copier, CopierRegisters.STATUS);
        boolean ended = (status & CopierRegisters.DONE) != 0 && status != ALL_ONES;
        boolean successful = status == CopierRegisters.DONE && isComplete(CHAIN.get(memory, copier));
        boolean again = ended && !successful && status == CopierRegisters.DONE && RETRIED.get(memory, copier) == 0;
        if (ended) {
            if (!successful && !again && read(copier, CopierRegisters.ERROR) != CopierRegisters.ABORTED) {
                report(copier);
            }
            write(copier, CopierRegisters.STATUS, CopierRegisters.DONE);
            CHAIN.set(memory, copier, again ? CHAIN.get(memory, copier) : 0);
        }
        if (again) {
            kernel.prWarn("copier: a transfer was too short");
            RETRIED.set(memory, copier, 1);
            write(copier, CopierRegisters.COMMAND, CopierRegisters.START);
        }
        kernel.spinUnlockIrqrestore(LOCK.at(copier), flags);
        if (ended && !again) {
            kernel.vchanCookieComplete(successful);
        }
        return ended;
    }

    private void report(long copier) {
        kernel.prErr("copier: error " + read(copier, CopierRegisters.ERROR)
                + " at bus address 0x" + Integer.toHexString(read(copier, CopierRegisters.ERROR_ADDRESS))
                + " after " + read(copier, CopierRegisters.COPIED) + " bytes");
    }

    /**
     * Looks at the chain in flight: its interrupt may have been lost, or the engine pulled out. A timer calls it while
     * there are chains.
     */
    private void watch(long copier) {
        if (finish(copier)) {
            kernel.prWarn("copier: an interrupt was lost");
        }
        int flags = kernel.spinLockIrqsave(LOCK.at(copier));
        boolean gone = CHAIN.get(memory, copier) != 0 && read(copier, CopierRegisters.STATUS) == ALL_ONES;
        if (gone) {
            CHAIN.set(memory, copier, 0);
        } else if (CHAIN.get(memory, copier) != 0) {
            kernel.modTimer(WATCHDOG.at(copier), kernel.jiffies() + kernel.msecsToJiffies(PATIENCE_MS));
        }
        kernel.spinUnlockIrqrestore(LOCK.at(copier), flags);
        if (gone) {
            if (GONE.get(memory, copier) == 0) {
                kernel.prErr("copier: the engine is gone");
            }
            GONE.set(memory, copier, 1);
            kernel.vchanCookieComplete(false);
        }
    }

    private boolean isComplete(long chain) {
        for (long descriptor = chain; descriptor != 0;
                descriptor = CopierDescriptorLayout.NEXT_VA.get(memory, descriptor)) {
            if (CopierDescriptorLayout.RESULT.get(memory, descriptor) != CopierRegisters.COMPLETE) {
                return false;
            }
        }
        return true;
    }

    private int read(long copier, int register) {
        return kernel.readl(REGISTERS.get(memory, copier) + register);
    }

    private void write(long copier, int register, int value) {
        kernel.writel(value, REGISTERS.get(memory, copier) + register);
    }
}
