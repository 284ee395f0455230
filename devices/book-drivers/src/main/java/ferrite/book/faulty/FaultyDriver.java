package ferrite.book.faulty;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;

/**
 * {@code faulty}: a write stores to address 0, which is an oops (LDD3 page 94). A read fills a local of 4 bytes with
 * 20, past its end (page 96). In C that destroys the return address. Here return addresses are on the host, and the
 * stores past the local are reported.
 */
public final class FaultyDriver implements Driver, FileOperations {

    private static final int LOCAL_BYTES = 4;
    private static final int FILLED_BYTES = 20;
    private static final int FILLING = 0xff;

    private KernelCalls kernel;
    private KernelMemory memory;
    private long operations;

    @Override
    public String name() {
        return "faulty";
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        operations = text.add("faulty_fops", this);
    }

    @Override
    public int init() {
        return kernel.cdevAdd(name(), operations, 0);
    }

    @Override
    public void exit() {
        kernel.cdevDel(name());
    }

    @Override
    public int read(long file, long to, int count, long position) {
        if (position > 0) {
            return 0;
        }
        return kernel.onStack(LOCAL_BYTES, local -> {
            for (int i = 0; i < FILLED_BYTES; i++) {
                memory.store8(local + i, FILLING);             // the mistake: 16 bytes too many
            }
            int bytes = Math.min(count, LOCAL_BYTES);
            return kernel.copyToUser(to, local, bytes) != 0 ? -Errno.EFAULT : bytes;
        });
    }

    @Override
    public int write(long file, long from, int count, long position) {
        memory.store32(0, 0);                                  // the mistake: a null pointer
        return 0;
    }
}
