package ferrite.kernel.shell;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.driver.KernelCalls;
import org.junit.jupiter.api.Test;

/** The output of ps. */
class TaskListTest {

    @Test
    void psMarksTasksThatGetMoreOrLessThanOthers() {
        try (KernelFixture fixture = KernelFixture.options().boot()) {
            KernelCalls kernel = fixture.kernel().calls();
            fixture.run(() -> {
                check(list(fixture).matches("(?s).* \\?        R     0:00 body\n.*"), list(fixture));
                kernel.setUserNice(fixture.cpu().tp(), -1);
                check(list(fixture).matches("(?s).* \\?        R<    0:00 body\n.*"), list(fixture));
                kernel.setUserNice(fixture.cpu().tp(), 1);
                check(list(fixture).matches("(?s).* \\?        RN    0:00 body\n.*"), list(fixture));
                kernel.schedSetFifo(fixture.cpu().tp());
                check(TaskList.report(fixture.kernel().tasks(), fixture.peek()).children().stream()
                        .anyMatch(task -> "-51".equals(task.value("priority"))), "priority of the report");
            });
        }
    }

    private static String list(KernelFixture fixture) {
        return TaskList.text(fixture.kernel().tasks().tasks().all(fixture.peek()), fixture.peek());
    }
}
