package ferrite.kernel.sched;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileOperations;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The lives of kernel tasks: kthread_create to kthread_stop, and ends by mistakes of drivers. */
@Timeout(60)
class TasksTest {

    private KernelFixture fixture = KernelFixture.options().harts(2).boot();

    @AfterEach
    void close() {
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private long entry(String name, TaskEntry entry) {
        return fixture.text(name, entry);
    }

    /** LDD3 page 21: {@code current->pid} and {@code current->comm}. */
    @Test
    void aTaskKnowsItsNumberAndItsName() {
        long[] tasks = new long[2];
        String[] names = new String[2];
        fixture.run(fixture.onEveryHart(hart -> {
            long task = kernel().current();
            kernel().onStack(KernelCalls.TASK_COMM_LEN, buffer -> {
                names[hart] = fixture.memory().loadString(kernel().getTaskComm(buffer, task), 16);
                return 0;
            });
            check(task == fixture.cpu().tp() && kernel().taskPidNr(task) > 1, "a task of its own");
            tasks[hart] = task;
        }));
        assertThat(names).containsExactly("hart-0", "hart-1");
        assertThat(tasks[0]).isNotEqualTo(tasks[1]);
    }

    // ---- files of a task that ends ----

    /** Opens three files and ends. The release of each makes a mistake, but the last. */
    private List<Long> endWithFiles(FileOperations operations, List<Long> released) {
        long text = fixture.text("leaving", operations);
        fixture.run(() -> check(fixture.kernel().files().devices().register("leaving", text, 0) == 0, "register"));
        fixture.run(() -> {
            for (int i = 0; i < 3; i++) {
                check(fixture.kernel().files().open("/dev/leaving", Fcntl.O_RDONLY) >= 0, "open");
            }
        });
        return released;
    }

    @Test
    void anExceptionInAReleaseIsAnOopsAndTheOtherFilesAreClosed() {
        List<Long> released = new ArrayList<>();
        endWithFiles(new FileOperations() {
            @Override
            public void release(long file) {
                released.add(file);
                if (released.size() < 3) {
                    throw new IllegalStateException("release");
                }
            }
        }, released);
        assertThat(released).hasSize(3).doesNotHaveDuplicates();
        assertThat(fixture.takeViolations()).extracting(Violation::rule).containsOnly("kernel-oops").hasSize(2);
        fixture.run(() -> check(kernel().jiffies() != 0, "the machine goes on"));
    }

    @Test
    void aFaultInAReleaseIsAnOopsAndTheOtherFilesAreClosed() {
        List<Long> released = new ArrayList<>();
        endWithFiles(new FileOperations() {
            @Override
            public void release(long file) {
                released.add(file);
                if (released.size() < 3) {
                    fixture.memory().store32(0x40, 1);
                }
            }
        }, released);
        assertThat(released).hasSize(3).doesNotHaveDuplicates();
        assertThat(fixture.takeViolations()).extracting(Violation::rule).containsOnly("kernel-oops").hasSize(2);
        fixture.run(() -> check(kernel().jiffies() != 0, "the machine goes on"));
    }

    // ---- kernel tasks ----

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aTaskRunsWhenItIsWokenOnItsHartAndEndsWhenItIsStopped(Interleavings policy) {
        fixture.close();
        fixture = KernelFixture.options().harts(2).interleaving(policy, 9).boot();
        int[] hart = {-1};
        int[] rounds = new int[1];
        long entry = entry("loop", data -> {
            hart[0] = fixture.cpu().hartId();
            while (!kernel().kthreadShouldStop()) {
                rounds[0]++;
                kernel().setCurrentState(KernelCalls.TASK_INTERRUPTIBLE);
                if (!kernel().kthreadShouldStop()) {
                    kernel().scheduleTimeout(1);
                }
                kernel().setCurrentState(KernelCalls.TASK_RUNNING);
            }
            return (int) data;
        });
        fixture.run(() -> {
            long task = kernel().kthreadCreate("looper", entry, 42);
            kernel().kthreadBind(task, 1);
            kernel().msleep(1);
            check(hart[0] == -1, "it runs before it is woken");
            check(kernel().wakeUpProcess(task), "wake_up_process");
            kernel().msleep(20);
            check(hart[0] == 1 && rounds[0] > 1, "it ran " + rounds[0] + " times on hart " + hart[0]);
            check(bugOf(() -> kernel().kthreadBind(task, 0)).contains("before the task is woken first"), "bind");
            check(kernel().kthreadStop(task) == 42, "the exit code");
            int after = rounds[0];
            kernel().msleep(10);
            check(rounds[0] == after, "it runs after kthread_stop");
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void aTaskThatEndedByItselfOrNeverRanCanBeStopped() {
        long entry = entry("ends", data -> 7);
        fixture.run(() -> {
            long ended = kernel().kthreadRun("ends", entry, 0);
            kernel().msleep(10);
            check(kernel().kthreadStop(ended) == 7, "the exit code of a task that had ended");
            long never = kernel().kthreadCreate("never", entry, 0);
            check(kernel().kthreadStop(never) == -Errno.EINTR, "a task that was never woken");
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void aTaskThatIsGoneIsRefused() {
        long entry = entry("ends", data -> 7);
        fixture.run(() -> {
            long task = kernel().kthreadRun("ends", entry, 0);
            kernel().msleep(10);
            kernel().kthreadStop(task);
            check(bugOf(() -> kernel().kthreadStop(task)).contains("call it once"), "kthread_stop twice");
            check(bugOf(() -> kernel().wakeUpProcess(task)).contains("does not exist"), "wake_up_process");
        });
    }
}
