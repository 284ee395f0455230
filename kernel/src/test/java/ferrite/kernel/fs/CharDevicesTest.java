package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.sched.HrTimerFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The list of character devices. */
@Timeout(60)
class CharDevicesTest {

    /** More than the ticks of a walk of the list. */
    private static final int MOMENTS = 300;

    private final KernelFixture fixture = KernelFixture.options().bootArguments("slub_debug=FZP").boot();

    @AfterEach
    void close() {
        fixture.close();
    }

    private CharDevices devices() {
        return fixture.kernel().files().devices();
    }

    @Test
    void aNameIsTakenOnce() {
        fixture.run(() -> {
            check(devices().register("guest", 1, 2) == 0, "register");
            check(devices().register("guest", 3, 4) == -Errno.EEXIST, "a name that is taken");
            check(devices().lookUp("guest").equals(new CharDevices.Found(1, 2)), "look-up");
            devices().unregister("guest");
            check(devices().lookUp("guest") == null, "after unregister");
        });
    }

    /** The device goes away at every moment of a walk of the list in turn, poisoned. */
    @Test
    void aWalkOfTheListIsNotDisturbedByADeviceThatGoes() {
        long leave = fixture.text("leave", (HrTimerFunction) timer -> {
            devices().unregister("guest");
            return false;
        });
        fixture.run(() -> {
            long timer = fixture.zeroed(64);
            for (int moment = 1; moment < MOMENTS; moment++) {
                check(devices().register("guest", 0, 0) == 0, "register");
                fixture.kernel().tasks().hrTimers().setUp(timer, leave);
                fixture.kernel().tasks().hrTimers().start(timer, fixture.cpu().time() + moment);
                check(devices().lookUp("none") == null, "look-up");
                fixture.kernel().tasks().hrTimers().cancel(timer);
                devices().unregister("guest");
                check(devices().register("guest", 0, 0) == 0, "register");
                fixture.kernel().tasks().hrTimers().setUp(timer, leave);
                fixture.kernel().tasks().hrTimers().start(timer, fixture.cpu().time() + moment);
                check(devices().names().size() <= 1, "names");
                fixture.kernel().tasks().hrTimers().cancel(timer);
                devices().unregister("guest");
            }
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }
}
