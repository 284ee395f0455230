package ferrite.book.quanta;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;

/**
 * The operations of a scull device (LDD3 pages 58-69). {@link FileLayout#PRIVATE} of an open file is the device. The
 * position is moved by {@code default_llseek}, which asks for the {@link #size}.
 */
public class QuantumFiles implements FileOperations {

    protected final KernelCalls kernel;
    protected final KernelMemory memory;
    protected final QuantumMemory quanta;
    private final QuantumDriver driver;

    public QuantumFiles(QuantumDriver driver) {
        this.kernel = driver.kernel();
        this.memory = kernel.memory();
        this.quanta = driver.memoryOfDevices();
        this.driver = driver;
    }

    /** Returns the device of an open file. */
    protected final long dev(long file) {
        return FileLayout.PRIVATE.get(memory, file);
    }

    @Override
    public int open(long file) {
        return open(file, ScullDevLayout.ofCdev(FileLayout.DATA.get(memory, file)));
    }

    /**
     * Opens a device. If the file is for writing only, the device is emptied (LDD3 page 59). Unlike the book's, a file
     * for appending keeps the bytes: the shell opens {@code >>} so.
     */
    protected final int open(long file, long dev) {
        FileLayout.PRIVATE.set(memory, file, dev);
        int flags = FileLayout.FLAGS.get(memory, file) & (Fcntl.O_ACCMODE | Fcntl.O_APPEND);
        return flags != Fcntl.O_WRONLY ? 0 : quanta.locked(dev, () -> {
            driver.trim(dev);          // a mapped device keeps its bytes
            return 0;
        });
    }

    @Override
    public int read(long file, long to, int count, long position) {
        return quanta.locked(dev(file), () -> quanta.read(dev(file), to, count, position));
    }

    @Override
    public int write(long file, long from, int count, long position) {
        return quanta.locked(dev(file), () -> quanta.write(dev(file), from, count, position));
    }

    @Override
    public long size(long file) {
        return quanta.size(dev(file));
    }
}
