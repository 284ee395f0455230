package org.example.parrot;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.sched.MutexLayout;

/**
 * {@code /dev/parrot}: says what was last written to it, up to {@value #MAX_BYTES} bytes. A copy engine carries the
 * words. All state is in the machine's memory: fields of this class are lost when a machine is restored.
 */
public final class ParrotDriver implements Driver, FileOperations {

    static final int MAX_BYTES = 256;

    /** The record: a mutex, the number of bytes, and the address of the words, which begin a cache line. */
    private static final int LENGTH = MutexLayout.SIZE;
    private static final int WORDS = LENGTH + 4;
    private static final int SIZE = WORDS + 4;

    private KernelCalls kernel;
    private KernelMemory memory;
    private long operations;
    /** A per-CPU variable; hart 0's copy of it has the record's address. */
    private long record;

    @Override
    public String name() {
        return "parrot";
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        operations = text.add("parrot_operations", this);
        record = kernel.definePerCpu(text, "parrot_record", 4, 4);
    }

    @Override
    public int init() {
        long parrot = kernel.kzalloc(SIZE, Gfp.GFP_KERNEL);
        if (parrot == 0) {
            return -Errno.ENOMEM;
        }
        long words = kernel.kmalloc(MAX_BYTES, Gfp.GFP_KERNEL);
        if (words == 0) {
            kernel.kfree(parrot);
            return -Errno.ENOMEM;
        }
        kernel.mutexInit(parrot);
        memory.storeAddress(parrot + WORDS, words);
        memory.storeAddress(kernel.perCpuPtr(record, 0), parrot);
        int result = kernel.cdevAdd("parrot", operations, parrot);
        if (result < 0) {
            freeAll(parrot);
        }
        return result;
    }

    @Override
    public void exit() {
        kernel.cdevDel("parrot");
        freeAll(memory.loadAddress(kernel.perCpuPtr(record, 0)));
    }

    private void freeAll(long parrot) {
        kernel.kfree(memory.loadAddress(parrot + WORDS));
        kernel.kfree(parrot);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long parrot = FileLayout.DATA.get(memory, file);
        kernel.mutexLock(parrot);
        int bytes = (int) Math.max(0, Math.min(count, memory.load32(parrot + LENGTH) - position));
        if (bytes > 0) {
            kernel.copyToUser(to, memory.loadAddress(parrot + WORDS) + position, bytes);
        }
        kernel.mutexUnlock(parrot);
        return bytes;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long parrot = FileLayout.DATA.get(memory, file);
        int bytes = Math.min(count, MAX_BYTES);
        long heard = kernel.kmalloc(bytes, Gfp.GFP_KERNEL);
        if (heard == 0) {
            return -Errno.ENOMEM;
        }
        kernel.copyFromUser(heard, from, bytes);
        kernel.mutexLock(parrot);
        int result = copy(memory.loadAddress(parrot + WORDS), heard, bytes);
        if (result == 0) {
            memory.store32(parrot + LENGTH, bytes);
        }
        kernel.mutexUnlock(parrot);
        kernel.kfree(heard);
        return result == 0 ? bytes : result;
    }

    /** Has the engine copy bytes. Returns 0 or a negative errno; nothing is mapped any more. */
    private int copy(long to, long from, int bytes) {
        long engine = kernel.dmaRequestChan();
        if (engine == 0) {
            return -Errno.ENODEV;
        }
        long source = kernel.dmaMapSingle(engine, from, bytes, DmaDirection.DMA_TO_DEVICE);
        if (kernel.dmaMappingError(engine, source) != 0) {
            return -Errno.EIO;
        }
        int result = -Errno.EIO;
        long target = kernel.dmaMapSingle(engine, to, bytes, DmaDirection.DMA_FROM_DEVICE);
        if (kernel.dmaMappingError(engine, target) == 0) {
            result = kernel.dmaMemcpy(target, source, bytes);
            kernel.dmaUnmapSingle(engine, target, bytes, DmaDirection.DMA_FROM_DEVICE);
        }
        kernel.dmaUnmapSingle(engine, source, bytes, DmaDirection.DMA_TO_DEVICE);
        return result;
    }
}
