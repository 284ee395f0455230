package ferrite.book.bigbuf;

import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.BootmemCalls;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;

/**
 * {@code bigbuf}: 5 MiB of the DMA zone in one piece behind {@code /dev/bigbuf}, which is more than the page allocator
 * can give. Linked into the kernel ({@code --link bigbuf}) the driver takes the buffer at boot, with
 * alloc_bootmem_low_pages (LDD3 page 230). Loaded by {@code insmod} it comes too late, tries both allocators, and
 * says so.
 */
public final class BigbufDriver implements Driver, FileOperations {

    static final int BYTES = 5 << 20;

    private KernelCalls kernel;
    private long operations;

    @Override
    public String name() {
        return "bigbuf";
    }

    @Override
    public void reserveMemory(BootmemCalls bootmem) {
        bootmem.allocBootmemLowPages(BYTES);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        operations = text.add("bigbuf_fops", this);
    }

    private long buffer() {
        return kernel.bootmemPiece(name(), 0);
    }

    @Override
    public int init() {
        if (buffer() == 0) {
            return comeTooLate();
        }
        kernel.prInfo("bigbuf: " + (BYTES >> 20) + " MiB at physical 0x"
                + Long.toHexString(kernel.virtToPhys(buffer())));
        return kernel.cdevAdd(name(), operations, 0);
    }

    /** Tries both allocators, too late. Returns -ENOMEM. */
    private int comeTooLate() {
        if (kernel.allocBootmemLowPages(BYTES) == 0) {
            kernel.prErr("bigbuf: no boot-time memory: link the driver into the kernel (--link bigbuf)");
        }
        int order = kernel.getOrder(BYTES);
        if (kernel.__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA | Gfp.__GFP_NOWARN, order) == 0) {
            kernel.prErr("bigbuf: no block of order " + order + ": the page allocator has no larger ones than 10");
        }
        return -Errno.ENOMEM;
    }

    // ---- the file: the bytes of the buffer ----

    @Override
    public long size(long file) {
        return BYTES;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        int bytes = (int) Math.max(0, Math.min(count, BYTES - position));
        return kernel.copyToUser(to, buffer() + position, bytes) != 0 ? -Errno.EFAULT : bytes;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        int bytes = (int) Math.max(0, Math.min(count, BYTES - position));
        if (bytes == 0) {
            return -Errno.ENOSPC;
        }
        return kernel.copyFromUser(buffer() + position, from, bytes) != 0 ? -Errno.EFAULT : bytes;
    }
}
