package ferrite.book.quanta;

import static ferrite.book.quanta.ScullGlobalsLayout.DEVICES;
import static ferrite.book.quanta.ScullGlobalsLayout.FILES;
import static ferrite.book.quanta.ScullGlobalsLayout.NR_DEVS;
import static ferrite.book.quanta.ScullGlobalsLayout.QSET;
import static ferrite.book.quanta.ScullGlobalsLayout.QUANTUM;

import ferrite.book.base.DeviceFiles;
import ferrite.book.base.DeviceFilesLayout;
import ferrite.book.base.StaticPointer;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.SeqShow;
import java.util.List;

/**
 * A driver of scull devices: {@code /dev/NAME0} and so on, and {@code /proc/NAMEmem}. Its subclasses are the drivers of
 * LDD3 chapters 3 and 8, which differ in their allocators.
 */
public abstract class QuantumDriver implements Driver, Quanta {

    private static final String PROC_SUFFIX = "mem";

    private KernelCalls kernel;
    private KernelMemory memory;
    private QuantumMemory quanta;
    private DeviceFiles files;
    private StaticPointer globals;
    private long operations;
    private long show;

    // ---- the differences ----

    /** Makes the operations of the devices' files. Called in {@link #link}, after {@link #kernel} is set. */
    protected FileOperations operations(TextTable.Module text) {
        return new QuantumFiles(this);
    }

    /** The number of devices. */
    protected abstract int devices(DriverParameters parameters);

    /** Bytes of a quantum. */
    protected abstract int quantum(DriverParameters parameters);

    /** Quanta of a set. */
    protected abstract int qset(DriverParameters parameters);

    /** Prepares the allocator, before the first device. Returns 0 or a negative errno. */
    protected int start(long record, DriverParameters parameters) {
        return 0;
    }

    /** Adds the driver's other files. Returns 0 or a negative errno, and then {@link #stop} is called. */
    protected int addMore(long record, DriverParameters parameters) {
        return 0;
    }

    /** The number of files beside those of the devices. */
    protected int moreFiles(DriverParameters parameters) {
        return 0;
    }

    /** Undoes {@link #start} and {@link #addMore}, as far as they got. All files are removed, all devices empty. */
    protected void stop(long record) { }

    // ---- shared by all ----

    protected final KernelCalls kernel() {
        return kernel;
    }

    protected final KernelMemory memory() {
        return memory;
    }

    /** The quanta of the devices. */
    public final QuantumMemory memoryOfDevices() {
        return quanta;
    }

    protected final DeviceFiles files() {
        return files;
    }

    /** Returns the address of the {@link ScullGlobalsLayout}; 0 while the driver has none. */
    public final long globals() {
        return globals.get();
    }

    /** Returns a device by its number. */
    public final long device(int number) {
        return DEVICES.get(memory, globals()) + (long) number * ScullDevLayout.SIZE;
    }

    /** Empties a device, and gives it the sizes of now. The caller holds its mutex. Returns 0 or -EBUSY. */
    public final int trim(long dev) {
        return quanta.trim(dev, QUANTUM.get(memory, globals()), QSET.get(memory, globals()));
    }

    @Override
    public List<Struct> structs() {
        return List.of(ScullDevLayout.STRUCT, ScullQsetLayout.STRUCT, ScullGlobalsLayout.STRUCT,
                DeviceFilesLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        quanta = new QuantumMemory(theKernel, this);
        files = new DeviceFiles(theKernel);
        globals = new StaticPointer(theKernel, text, name() + "_globals");
        operations = text.add(name() + "_fops", operations(text));
        show = text.add(name() + "_show", (SeqShow) this::show);
    }

    @Override
    public int init(DriverParameters parameters) {
        long record = kernel.kzalloc(ScullGlobalsLayout.SIZE, Gfp.GFP_KERNEL);
        if (record == 0) {
            return -Errno.ENOMEM;
        }
        globals.set(record);
        int result = setUp(record, parameters);
        if (result < 0) {
            exit();
        }
        return result;
    }

    private int setUp(long record, DriverParameters parameters) {
        QUANTUM.set(memory, record, quantum(parameters));
        QSET.set(memory, record, qset(parameters));
        int count = devices(parameters);
        int result = start(record, parameters);
        if (result == 0) {
            DEVICES.set(memory, record, kernel.kcalloc(count, ScullDevLayout.SIZE, Gfp.GFP_KERNEL));
            result = DEVICES.get(memory, record) == 0 ? -Errno.ENOMEM
                    : files.register(FILES.at(record), name(), count + moreFiles(parameters));
        }
        for (int i = 0; i < count && result == 0; i++) {
            quanta.init(device(i), QUANTUM.get(memory, record), QSET.get(memory, record));
            NR_DEVS.set(memory, record, i + 1);
            result = files.add(FILES.at(record), ScullDevLayout.cdev(device(i)), operations, name() + i);
        }
        if (result == 0 && kernel.procCreateSingleData(name() + PROC_SUFFIX, 0, show, 0) == 0) {
            result = -Errno.ENOMEM;
        }
        return result < 0 ? result : addMore(record, parameters);
    }

    /** Makes the text of {@code /proc/scullmem} and its kin (LDD3 page 84). */
    private int show(long seq) {
        int result = 0;
        for (int i = 0; i < NR_DEVS.get(memory, globals()) && result == 0; i++) {
            result = quanta.show(seq, device(i), i);
        }
        return result;
    }

    /** Also ends an init that fails: the pointers that were not set yet are 0 (LDD3 page 34). */
    @Override
    public void exit() {
        long record = globals();
        kernel.removeProcEntry(name() + PROC_SUFFIX);
        files.unregister(FILES.at(record));
        for (int i = 0; i < NR_DEVS.get(memory, record); i++) {
            trim(device(i));
        }
        stop(record);
        kernel.kfree(DEVICES.get(memory, record));
        kernel.kfree(record);
        globals.set(0);
    }
}
