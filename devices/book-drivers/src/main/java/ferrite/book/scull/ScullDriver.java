package ferrite.book.scull;

import static ferrite.book.scull.ScullPartsLayout.ACCESS;
import static ferrite.book.scull.ScullPartsLayout.PIPES;
import static ferrite.book.scull.ScullPartsLayout.P_BUFFER;
import static ferrite.book.scull.ScullPartsLayout.P_NR_DEVS;

import ferrite.book.base.Numbers;
import ferrite.book.quanta.QuantumDriver;
import ferrite.book.quanta.ScullDevLayout;
import ferrite.book.quanta.ScullGlobalsLayout;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.Word;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.fs.FileOperations;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code scull}, the Simple Character Utility for Loading Localities (LDD3 chapter 3): memory from kmalloc as a file.
 * With it come the pipes of chapter 6 and four devices with access control.
 */
public final class ScullDriver extends QuantumDriver {

    static final int QUANTUM = 4000;
    static final int QSET = 1000;
    static final int MAX_QUANTUM = 128 << 10;
    static final int MAX_QSET = 32 << 10;
    static final int MAX_P_BUFFER = 128 << 10;
    private static final String SEQUENCE_FILE = "scullseq";
    private static final int DEVICES = 4;
    private static final int MAX_DEVICES = 64;
    private static final int P_BUFFER_BYTES = 4000;
    private static final String NR_DEVS_NAME = "scull_nr_devs";
    private static final String P_NR_DEVS_NAME = "scull_p_nr_devs";
    private static final String QUANTUM_NAME = "scull_quantum";
    private static final String QSET_NAME = "scull_qset";
    private static final String P_BUFFER_NAME = "scull_p_buffer";

    private ScullPipeFiles pipes;
    private List<ScullAccessFiles> access;
    private long pipeOperations;
    private List<Long> accessOperations;
    private long sequence;

    @Override
    public String name() {
        return "scull";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Numbers.parameter(NR_DEVS_NAME, DEVICES, "the number of devices", 1, MAX_DEVICES),
                Numbers.parameter(QUANTUM_NAME, QUANTUM, "bytes of a quantum", 1, MAX_QUANTUM,
                        text -> set(ScullGlobalsLayout.QUANTUM, text)),
                Numbers.parameter(QSET_NAME, QSET, "quanta of a set", 1, MAX_QSET,
                        text -> set(ScullGlobalsLayout.QSET, text)),
                Numbers.parameter(P_NR_DEVS_NAME, DEVICES, "the number of pipes", 1, MAX_DEVICES),
                Numbers.parameter(P_BUFFER_NAME, P_BUFFER_BYTES, "bytes of a pipe's buffer", 2, MAX_P_BUFFER));
    }

    private int set(Word variable, String text) {
        variable.set(memory(), globals(), Integer.parseInt(text));
        return 0;
    }

    @Override
    public List<Struct> structs() {
        List<Struct> all = new ArrayList<>(super.structs());
        all.addAll(List.of(ScullPartsLayout.STRUCT, ScullPipeLayout.STRUCT, ScullAccessLayout.STRUCT,
                ScullListItemLayout.STRUCT));
        return all;
    }

    @Override
    protected FileOperations operations(TextTable.Module text) {
        pipes = new ScullPipeFiles(this);
        access = List.of(new ScullSingleFiles(this), new ScullUidFiles(this), new ScullWuidFiles(this),
                new ScullPrivFiles(this));
        sequence = text.add("scull_seq_ops", new ScullSequence(this));
        pipeOperations = text.add("scull_pipe_fops", pipes);
        accessOperations = access.stream().map(each -> text.add(each.name() + "_fops", each)).toList();
        return new ScullFiles(this);
    }

    /** The kernel's calls, for the parts of this driver. */
    KernelCalls calls() {
        return kernel();
    }

    /** Returns the address of the {@link ScullPartsLayout}. */
    long parts() {
        return ScullGlobalsLayout.PRIVATE.get(memory(), globals());
    }

    /** Initialises an empty device, with the sizes of now. */
    void initDevice(long dev) {
        memoryOfDevices().init(dev, ScullGlobalsLayout.QUANTUM.get(memory(), globals()),
                ScullGlobalsLayout.QSET.get(memory(), globals()));
    }

    // ---- quanta from kmalloc ----

    @Override
    public long allocate(int bytes) {
        return kernel().kzalloc(bytes, Gfp.GFP_KERNEL);
    }

    @Override
    public void free(long quantum, int bytes) {
        kernel().kfree(quantum);
    }

    @Override
    protected int devices(DriverParameters parameters) {
        return Numbers.of(parameters, NR_DEVS_NAME);
    }

    @Override
    protected int quantum(DriverParameters parameters) {
        return Numbers.of(parameters, QUANTUM_NAME);
    }

    @Override
    protected int qset(DriverParameters parameters) {
        return Numbers.of(parameters, QSET_NAME);
    }

    // ---- pipes, access control, /proc ----

    @Override
    protected int moreFiles(DriverParameters parameters) {
        return Numbers.of(parameters, P_NR_DEVS_NAME) + access.size();
    }

    @Override
    protected int start(long record, DriverParameters parameters) {
        long parts = kernel().kzalloc(ScullPartsLayout.SIZE, Gfp.GFP_KERNEL);
        if (parts == 0) {
            return -Errno.ENOMEM;
        }
        ScullGlobalsLayout.PRIVATE.set(memory(), record, parts);
        int count = Numbers.of(parameters, P_NR_DEVS_NAME);
        P_NR_DEVS.set(memory(), parts, count);
        P_BUFFER.set(memory(), parts, Numbers.of(parameters, P_BUFFER_NAME));
        PIPES.set(memory(), parts, kernel().kcalloc(count, ScullPipeLayout.SIZE, Gfp.GFP_KERNEL));
        ACCESS.set(memory(), parts, kernel().kcalloc(access.size(), ScullAccessLayout.SIZE, Gfp.GFP_KERNEL));
        return PIPES.get(memory(), parts) == 0 || ACCESS.get(memory(), parts) == 0 ? -Errno.ENOMEM : 0;
    }

    @Override
    protected int addMore(long record, DriverParameters parameters) {
        int result = 0;
        for (int i = 0; i < P_NR_DEVS.get(memory(), parts()) && result == 0; i++) {
            long pipe = PIPES.get(memory(), parts()) + (long) i * ScullPipeLayout.SIZE;
            pipes.init(pipe);
            result = files().add(ScullGlobalsLayout.FILES.at(record), ScullPipeLayout.CDEV.at(pipe), pipeOperations,
                    "scullpipe" + i);
        }
        for (int i = 0; i < access.size() && result == 0; i++) {
            long one = access(i);
            initDevice(ScullAccessLayout.DEV.at(one));
            access.get(i).init(one);
            result = files().add(ScullGlobalsLayout.FILES.at(record),
                    ScullDevLayout.cdev(ScullAccessLayout.DEV.at(one)), accessOperations.get(i), access.get(i).name());
        }
        return result < 0 || kernel().procCreateSeqData(SEQUENCE_FILE, 0, sequence, 0) != 0 ? result : -Errno.ENOMEM;
    }

    private long access(int number) {
        return ACCESS.get(memory(), parts()) + (long) number * ScullAccessLayout.SIZE;
    }

    @Override
    protected void stop(long record) {
        long parts = parts();
        if (parts == 0) {
            return;
        }
        kernel().removeProcEntry(SEQUENCE_FILE);
        for (int i = 0; ACCESS.get(memory(), parts) != 0 && i < access.size(); i++) {
            trim(ScullAccessLayout.DEV.at(access(i)));
            access.get(i).free(access(i));
        }
        kernel().kfree(PIPES.get(memory(), parts));
        kernel().kfree(ACCESS.get(memory(), parts));
        kernel().kfree(parts);
    }
}
