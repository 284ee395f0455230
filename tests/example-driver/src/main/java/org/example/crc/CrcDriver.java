package org.example.crc;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.Word;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.sched.CompletionLayout;
import ferrite.kernel.sched.MutexLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code /dev/crc}: tells the CRC-32 of the bytes that the last write brought, up to {@value #MAX_BYTES}. */
public final class CrcDriver implements Driver, FileOperations {

    static final int MAX_BYTES = 8192;

    private static final Struct ENGINE = Struct.of("crc", 72);
    private static final Pointer REGISTERS = ENGINE.pointer("registers", 0, "void");
    private static final Pointer DEV = ENGINE.pointer("dev", 4, "void");
    private static final Word STATUS = ENGINE.u32("status", 8);
    private static final Bytes TEXT = ENGINE.bytes("text", 12, 12);
    private static final Embedded LOCK = ENGINE.embedded("lock", TEXT.end(), MutexLayout.STRUCT);
    private static final Embedded DONE = ENGINE.embedded("done", LOCK.end(), CompletionLayout.STRUCT);

    private KernelCalls kernel;
    private KernelMemory memory;
    private long interrupt;
    private long operations;

    @Override
    public String name() {
        return "crc";
    }

    @Override
    public List<String> compatible() {
        return List.of("example,crc");
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        interrupt = text.add("crc_interrupt", (IrqHandler) this::handleInterrupt);
        operations = text.add("crc_operations", this);
    }

    @Override
    public int probe(Device device) {
        long dev = device.dev();
        long engine = kernel.devmKzalloc(dev, ENGINE.size(), Gfp.GFP_KERNEL);
        long registers = kernel.devmPlatformIoremapResource(dev, 0);
        if (engine == 0 || registers == 0) {
            return engine == 0 ? -Errno.ENOMEM : -Errno.EBUSY;
        }
        REGISTERS.set(memory, engine, registers);
        DEV.set(memory, engine, dev);
        kernel.mutexInit(LOCK.at(engine));
        kernel.initCompletion(DONE.at(engine));
        device.setDriverData(engine);
        int result = kernel.dmaSetMask(dev, (1L << device.property("ferrite,addrwidth", 32)) - 1);
        if (result == 0) {
            result = kernel.devmRequestIrq(dev, device.irq(), interrupt, 0, "crc", engine);
        }
        return result == 0 ? kernel.cdevAdd("crc", operations, engine) : result;
    }

    @Override
    public void remove(Device device) {
        kernel.cdevDel("crc");
    }

    private IrqReturn handleInterrupt(int irq, long engine) {
        long register = REGISTERS.get(memory, engine) + CrcRegisters.STATUS;
        int status = kernel.ioread32(register);
        if ((status & CrcRegisters.DONE) == 0) {
            return IrqReturn.IRQ_NONE;
        }
        kernel.iowrite32(status, register);
        STATUS.set(memory, engine, status);
        kernel.complete(DONE.at(engine));
        return IrqReturn.IRQ_HANDLED;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long engine = FileLayout.DATA.get(memory, file);
        int bytes = Math.min(count, MAX_BYTES);
        long buffer = kernel.kmalloc(bytes, Gfp.GFP_KERNEL);
        if (buffer == 0) {
            return -Errno.ENOMEM;
        }
        kernel.copyFromUser(buffer, from, bytes);
        kernel.mutexLock(LOCK.at(engine));
        int result = sum(engine, buffer, bytes);
        kernel.mutexUnlock(LOCK.at(engine));
        kernel.kfree(buffer);
        return result == 0 ? bytes : result;
    }

    /** Has the engine sum up a buffer. Returns 0 or a negative errno. */
    private int sum(long engine, long buffer, int bytes) {
        long dev = DEV.get(memory, engine);
        long registers = REGISTERS.get(memory, engine);
        long dma = kernel.dmaMapSingle(dev, buffer, bytes, DmaDirection.DMA_TO_DEVICE);
        if (kernel.dmaMappingError(dev, dma) != 0) {
            return -Errno.EIO;
        }
        kernel.reinitCompletion(DONE.at(engine));
        kernel.iowrite32((int) dma, registers + CrcRegisters.ADDRESS);
        kernel.iowrite32(bytes, registers + CrcRegisters.LENGTH);
        kernel.iowrite32(1, registers + CrcRegisters.START);
        kernel.waitForCompletion(DONE.at(engine));
        kernel.dmaUnmapSingle(dev, dma, bytes, DmaDirection.DMA_TO_DEVICE);
        return (STATUS.get(memory, engine) & CrcRegisters.FAILED) == 0 ? 0 : -Errno.EIO;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long engine = FileLayout.DATA.get(memory, file);
        kernel.mutexLock(LOCK.at(engine));
        int result = kernel.ioread32(REGISTERS.get(memory, engine) + CrcRegisters.RESULT);
        byte[] text = (String.format("%08x", result) + "\n").getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < text.length; i++) {
            memory.store8(TEXT.at(engine) + i, text[i]);
        }
        int length = (int) Math.max(0, Math.min(count, text.length - position));
        kernel.copyToUser(to, TEXT.at(engine) + position, length);
        kernel.mutexUnlock(LOCK.at(engine));
        return length;
    }
}
