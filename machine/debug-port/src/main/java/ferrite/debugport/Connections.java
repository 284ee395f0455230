package ferrite.debugport;

import ferrite.debugport.gdb.GdbHandler;
import ferrite.debugport.http.HttpService;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;

/**
 * Handler of new connections: it counts each one and lays out its pipeline.
 *
 * <pre>
 *   TlsGate           only with TLS; replaced, after the client's first byte, by TLS itself
 *   TokenGate         only with a token; replaced, after the right token or by an HTTP request, by
 *   ProtocolChooser   replaced, after the client's first bytes, by the handler of its protocol
 *   FullPort          in place of both, beyond the limit
 *   LastResort        closes a connection after any failure
 * </pre>
 */
@ChannelHandler.Sharable
final class Connections extends ChannelInitializer<SocketChannel> {

    static final int MAX_CONNECTIONS = 16;

    private final DebugAccess access;
    private final DebugServices services;
    private final HttpService http;
    private final ChannelGroup leaving;
    private final GdbHandler.Clients debuggers;
    private int open; // counted only by the port's one thread

    /**
     * Creates a handler.
     *
     * @param http    serves HTTP, or null
     * @param leaving receives the clients that were told of the machine's end
     */
    Connections(DebugAccess access, DebugServices services, HttpService http, ChannelGroup leaving) {
        this.access = access;
        this.services = services;
        this.http = http;
        this.leaving = leaving;
        this.debuggers = services.target() == null ? null : new GdbHandler.Clients(services.target());
    }

    /** Tells debuggers that the run has ended. The machine's thread calls this. */
    void endedForDebuggers(int status) {
        if (debuggers != null) {
            debuggers.ended(status);
        }
    }

    /** Tells the clients of the event stream that the run has ended. The port's thread calls this. */
    void endedForEvents(int status) {
        if (http != null) {
            http.ended(status, leaving);
        }
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        open++;
        channel.closeFuture().addListener(closed -> open--);
        if (open > 2 * MAX_CONNECTIONS) {
            channel.close(); // too many for even a sentence to each
            return;
        }
        if (access.tls() != null) {
            channel.pipeline().addLast(new TlsGate(access.tls()));
        }
        channel.pipeline().addLast(firstHandler(), new LastResort());
    }

    private ChannelHandler firstHandler() {
        if (open > MAX_CONNECTIONS) {
            return new FullPort(http);
        }
        ProtocolChooser chooser = new ProtocolChooser(services,
                () -> new AttachHandler(services.prompt(), services.machine(), leaving), http, debuggers);
        return access.token() == null ? chooser : new TokenGate(access, chooser);
    }
}
