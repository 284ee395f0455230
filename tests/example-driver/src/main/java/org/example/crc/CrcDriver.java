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

    private static final Struct CRC = Struct.of("crc", 72);
    private static final Pointer REGISTERS = CRC.pointer("registers", 0, "void");
    private static final Pointer DEV = CRC.pointer("dev", 4, "void");
    private static final Word STATUS = CRC.u32("status", 8);
    private static final Bytes TEXT = CRC.bytes("text", 12, 12);
    private static final Embedded LOCK = CRC.embedded("lock", TEXT.end(), MutexLayout.STRUCT);
    private static final Embedded DONE = CRC.embedded("done", LOCK.end(), CompletionLayout.STRUCT);

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
        long crc = kernel.devmKzalloc(dev, CRC.size(), Gfp.GFP_KERNEL);
        long registers = kernel.devmPlatformIoremapResource(dev, 0);
        if (crc == 0 || registers == 0) {
            return crc == 0 ? -Errno.ENOMEM : -Errno.EBUSY;
        }
        REGISTERS.set(memory, crc, registers);
        DEV.set(memory, crc, dev);
        kernel.mutexInit(LOCK.at(crc));
        kernel.initCompletion(DONE.at(crc));
        device.setDriverData(crc);
        int result = kernel.dmaSetMask(dev, (1L << device.property("ferrite,addrwidth", 32)) - 1);
        if (result == 0) {
            result = kernel.devmRequestIrq(dev, device.irq(), interrupt, 0, "crc", crc);
        }
        return result == 0 ? kernel.cdevAdd("crc", operations, crc) : result;
    }

    @Override
    public void remove(Device device) {
        kernel.cdevDel("crc");
    }

    private IrqReturn handleInterrupt(int irq, long crc) {
        long register = REGISTERS.get(memory, crc) + CrcRegisters.STATUS;
        int status = kernel.ioread32(register);
        if ((status & CrcRegisters.DONE) == 0) {
            return IrqReturn.IRQ_NONE;
        }
        kernel.iowrite32(status, register);
        STATUS.set(memory, crc, status);
        kernel.complete(DONE.at(crc));
        return IrqReturn.IRQ_HANDLED;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long crc = FileLayout.DATA.get(memory, file);
        int bytes = Math.min(count, MAX_BYTES);
        long buffer = kernel.kmalloc(bytes, Gfp.GFP_KERNEL);
        if (buffer == 0) {
            return -Errno.ENOMEM;
        }
        kernel.copyFromUser(buffer, from, bytes);
        kernel.mutexLock(LOCK.at(crc));
        int result = sum(crc, buffer, bytes);
        kernel.mutexUnlock(LOCK.at(crc));
        kernel.kfree(buffer);
        return result == 0 ? bytes : result;
    }

    /** Has the engine sum up a buffer. Returns 0 or a negative errno. */
    private int sum(long crc, long buffer, int bytes) {
        long dev = DEV.get(memory, crc);
        long registers = REGISTERS.get(memory, crc);
        long dma = kernel.dmaMapSingle(dev, buffer, bytes, DmaDirection.DMA_TO_DEVICE);
        if (kernel.dmaMappingError(dev, dma) != 0) {
            return -Errno.EIO;
        }
        kernel.reinitCompletion(DONE.at(crc));
        kernel.iowrite32((int) dma, registers + CrcRegisters.ADDRESS);
        kernel.iowrite32(bytes, registers + CrcRegisters.LENGTH);
        kernel.iowrite32(1, registers + CrcRegisters.START);
        kernel.waitForCompletion(DONE.at(crc));
        kernel.dmaUnmapSingle(dev, dma, bytes, DmaDirection.DMA_TO_DEVICE);
        return (STATUS.get(memory, crc) & CrcRegisters.FAILED) == 0 ? 0 : -Errno.EIO;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long crc = FileLayout.DATA.get(memory, file);
        kernel.mutexLock(LOCK.at(crc));
        int result = kernel.ioread32(REGISTERS.get(memory, crc) + CrcRegisters.RESULT);
        byte[] text = (String.format("%08x", result) + "\n").getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < text.length; i++) {
            memory.store8(TEXT.at(crc) + i, text[i]);
        }
        int length = (int) Math.max(0, Math.min(count, text.length - position));
        kernel.copyToUser(to, TEXT.at(crc) + position, length);
        kernel.mutexUnlock(LOCK.at(crc));
        return length;
    }
}
