package ferrite.board.corpus;

import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaAsyncTxCallback;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.work.WorkFunction;
import java.util.function.Consumer;

/** The driver of a story, which happens when a task reads /dev/story. */
final class StoryDriver implements Driver, FileOperations {

    private final Consumer<Story.Bench> body;
    private KernelCalls kernel;
    private long operations;
    private Story.Bench.Functions functions;
    private Story.Bench bench;
    private Program program;

    StoryDriver(Consumer<Story.Bench> body) {
        this.body = body;
    }

    /** Sets the program that uses the device. */
    void use(Program theProgram) {
        program = theProgram;
    }

    @Override
    public String name() {
        return "story";
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        operations = text.add("story_operations", this);
        long thread = text.add("story_thread", (TaskEntry) data -> {
            bench.threadRuns(data);
            return 0;
        });
        functions = new Story.Bench.Functions(
                text.add("story_timer", (TimerFunction) data -> bench.expired(data)),
                text.add("story_interrupt", (HrTimerFunction) timer -> bench.interrupted()),
                text.add("story_work", (WorkFunction) item -> bench.works(item)), thread,
                text.add("story_transfer", (DmaAsyncTxCallback) param -> bench.transferred(param)));
    }

    @Override
    public int init() {
        return kernel.cdevAdd("story", operations, 0);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        bench = new Story.Bench(kernel, functions, program);
        body.accept(bench);
        return 0;
    }

    @Override
    public int ioctl(long file, int command, long argument) {
        bench.obeys(argument);
        return 0;
    }
}
