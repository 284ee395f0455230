package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.sched.Priorities;
import ferrite.kernel.sched.Tasks;
import java.util.List;
import java.util.function.ToLongFunction;

/** {@code getpriority} and {@code setpriority}, of which {@code nice} is made. */
final class PriorityCalls {

    private static final int PRIO_PROCESS = 0;
    private static final int PRIO_USER = 2;
    /** {@code getpriority} returns this less the nice value, so that no result is negative. */
    private static final int HIGHEST = 20;

    private final UserServices services;
    private final KernelMemory memory;
    private final Tasks tasks;
    private final Priorities priorities;

    PriorityCalls(UserServices services) {
        this.services = services;
        this.memory = services.memory();
        this.tasks = services.tasks().tasks();
        this.priorities = services.tasks().scheduler().priorities();
    }

    void addTo(SystemCalls calls) {
        calls.add(140, x -> set(x.argument(0), x.argument(1), x.argument(2)));
        calls.add(141, x -> get(x.argument(0), x.argument(1)));
    }

    /** Calls {@code body} with the programs of a call: one, or those of a group or a user, of which there is one. */
    private long with(int which, int who, ToLongFunction<List<Long>> body) {
        long self = services.cpu().tp();
        return tasks.withAll(all -> body.applyAsLong(all.stream().filter(task -> which == PRIO_PROCESS
                ? who == 0 ? task == self : tasks.pid(task) == who
                : who == 0 && (TaskLayout.FLAGS.get(memory, task) & TaskLayout.PROGRAM) != 0).toList()));
    }

    private long set(int which, int who, int nice) {
        if (which < PRIO_PROCESS || which > PRIO_USER) {
            return -Errno.EINVAL;
        }
        int allowed = Math.max(Priorities.MIN_NICE, Math.min(nice, Priorities.MAX_NICE));
        return with(which, who, found -> {
            found.forEach(task -> priorities.setNice(task, allowed));
            return found.isEmpty() ? -Errno.ESRCH : 0;
        });
    }

    private long get(int which, int who) {
        return which < PRIO_PROCESS || which > PRIO_USER ? -Errno.EINVAL
                : with(which, who, found -> found.stream().mapToLong(task -> HIGHEST - priorities.nice(task)).max()
                        .orElse(-Errno.ESRCH));
    }
}
