package ferrite.book.jit;

import ferrite.book.base.Numbers;
import ferrite.book.base.StaticPointer;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.fs.SeqFileLayout;
import ferrite.kernel.fs.SeqShow;
import java.util.List;

/**
 * {@code jiq}, Just In Queue: {@code /proc/jiqwq} and {@code jiqwqdelay} on the kernel's work queue, {@code jiqtimer},
 * and {@code jiqtasklet} (LDD3 pages 205-209). A work item has a process, and its delta is 0 or the delay; a timer and
 * a tasklet interrupt any process.
 */
public final class JiqDriver implements Driver {

    private static final String DELAY = "delay";
    private static final int BYTES = 4;
    private static final List<String> FILES = List.of("jiqwq", "jiqwqdelay", "jiqtimer", "jiqtasklet");
    private static final List<Integer> WAYS = List.of(DeferredLines.BY_WORK, DeferredLines.BY_DELAYED_WORK,
            DeferredLines.BY_TIMER, DeferredLines.BY_TASKLET);

    private KernelCalls kernel;
    private StaticPointer jiq;
    private DeferredLines lines;
    private long show;

    @Override
    public String name() {
        return "jiq";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Numbers.parameter(DELAY, 1, "jiffies between two lines of jiqwqdelay and jiqtimer", 1, 100_000));
    }

    @Override
    public List<Struct> structs() {
        return List.of(DeferredLinesLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        jiq = new StaticPointer(theKernel, text, "jiq_delay");
        lines = new DeferredLines(theKernel, text, name());
        show = text.add("jiq_show", (SeqShow) this::show);
    }

    @Override
    public int init(DriverParameters parameters) {
        long delay = kernel.kzalloc(BYTES, Gfp.GFP_KERNEL);
        if (delay == 0) {
            return -Errno.ENOMEM;
        }
        jiq.set(delay);
        kernel.memory().store32(delay, Numbers.of(parameters, DELAY));
        for (int i = 0; i < FILES.size(); i++) {
            if (kernel.procCreateSingleData(FILES.get(i), 0, show, WAYS.get(i)) == 0) {
                exit();
                return -Errno.ENOMEM;
            }
        }
        return 0;
    }

    @Override
    public void exit() {
        FILES.forEach(kernel::removeProcEntry);
        kernel.kfree(jiq.get());
    }

    private int show(long seq) {
        return lines.show(seq, (int) SeqFileLayout.PRIVATE.get(kernel.memory(), seq),
                kernel.memory().load32(jiq.get()));
    }
}
