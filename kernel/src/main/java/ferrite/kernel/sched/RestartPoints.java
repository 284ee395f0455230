package ferrite.kernel.sched;

import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Strand;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.TaskLayout;
import java.util.List;

/**
 * The moments at which no Java frame matters, between two slices: every task is at its restart point, or its program
 * is executed by a hart. Then a kernel can attach, which makes new Java stacks. Only looks.
 */
final class RestartPoints {

    private final Turn turn;
    private final KernelCpu cpu;
    private final Tasks tasks;
    private final Scheduler scheduler;

    RestartPoints(Turn turn, KernelCpu cpu, Tasks tasks, Scheduler scheduler) {
        this.turn = turn;
        this.cpu = cpu;
        this.tasks = tasks;
        this.scheduler = scheduler;
    }

    boolean isQuiescent(ReadableMemory view) {
        return turn.hart() == null
                && turn.harts().stream().allMatch(hart -> executesProgram(hart) || isIdle(view, hart))
                && tasks.all(view).stream().allMatch(task -> isAtRest(view, task));
    }

    /** Lists the tasks that are not at rest, as {@code name (pid N)}. */
    List<String> restless(ReadableMemory view) {
        return tasks.all(view).stream().filter(task -> !isAtRest(view, task))
                .map(task -> TaskLayout.COMM.get(view, task) + " (pid " + TaskLayout.PID.get(view, task) + ")")
                .toList();
    }

    private static boolean executesProgram(Hart hart) {
        return hart.mode() == PrivilegeMode.U;
    }

    private boolean isIdle(ReadableMemory view, Hart hart) {
        return hart.isWaiting() && scheduler.current(view, hart.id()) == idle(view, hart.id());
    }

    private boolean isAtRest(ReadableMemory view, long task) {
        return TaskLayout.STATE.get(view, task) == TaskLayout.ZOMBIE
                || (TaskLayout.FLAGS.get(view, task) & TaskLayout.AT_RESTART) != 0 && !scheduler.isPreempted(task)
                || turn.harts().stream().anyMatch(hart -> executesProgram(hart)
                        && scheduler.current(view, hart.id()) == task);
    }

    void attach(ReadableMemory view) {
        tasks.attach(view);
        for (Hart hart : turn.harts()) {
            int id = hart.id();
            boolean isAway = executesProgram(hart);
            Strand idle = turn.strands().newStrand("swapper/" + id, () -> idle(isAway));
            scheduler.setStrand(idle(view, id), idle);
            turn.strands().bind(id, isAway ? tasks.attachProgram(view, scheduler.current(view, id)) : idle);
        }
    }

    private long idle(ReadableMemory view, int hart) {
        return PerCpuLayout.IDLE.get(view, scheduler.record(hart));
    }

    /** @param isAway whether the hart runs another task now */
    private void idle(boolean isAway) {
        if (isAway) {
            scheduler.finishSwitch();
            cpu.irqEnable();
            scheduler.idleWait();
        }
        for (;;) {
            scheduler.idleResume();
            scheduler.idleWait();
        }
    }
}
