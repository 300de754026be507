"""A client stack that nobody here wrote: grpcio, with stubs made from the proto.

Registers a case as the union, refers it to the labour bureau, accepts there,
and reads it as both. Prints one JSON object; exits non-zero on any surprise.
"""

import argparse
import hashlib
import importlib
import json
import pathlib
import sys
import tempfile

import grpc
from grpc_tools import protoc


def stubs(proto: pathlib.Path, out: str):
    files = sorted(str(p.relative_to(proto)) for p in proto.glob("casenet/v1/*.proto"))
    files += ["google/type/date.proto", "google/type/money.proto"]
    well_known = str(pathlib.Path(protoc.__file__).parent / "_proto")
    arguments = ["protoc", f"-I{proto}", f"-I{well_known}",
                 f"--python_out={out}", f"--grpc_python_out={out}", *files]
    if protoc.main(arguments) != 0:
        sys.exit("the contract does not compile with protoc")
    # google.type is generated beside google.protobuf, which is installed.
    import google
    google.__path__.append(str(pathlib.Path(out) / "google"))
    sys.path.insert(0, out)
    return lambda name: importlib.import_module(f"casenet.v1.{name}")


def channel(args, agency: str) -> grpc.Channel:
    folder = pathlib.Path(args.certificates)
    credentials = grpc.ssl_channel_credentials(
        root_certificates=pathlib.Path(args.ca).read_bytes(),
        private_key=(folder / agency / args.key_name).read_bytes(),
        certificate_chain=(folder / agency / args.cert_name).read_bytes(),
    )
    return grpc.secure_channel(args.gateway, credentials)


def without_certificate(args) -> grpc.Channel:
    """As a browser comes: TLS that trusts the network, and no certificate."""
    ca = pathlib.Path(args.ca).read_bytes()
    return grpc.secure_channel(args.gateway, grpc.ssl_channel_credentials(root_certificates=ca))


def refused(call, request, code: grpc.StatusCode, reason: str, metadata=()) -> None:
    """The call is refused with this code, and this reason in its ErrorInfo."""
    try:
        call(request, metadata=metadata)
    except grpc.RpcError as status:
        assert status.code() == code, status
        details = dict(status.trailing_metadata()).get("grpc-status-details-bin", b"")
        # google.rpc.ErrorInfo starts with its reason: field 1, and the length.
        assert b"\x0a" + bytes([len(reason)]) + reason.encode() in details, status
        return
    sys.exit(f"not refused, though {reason} was due")


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ["gateway", "ca", "certificates", "proto"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--cert-name", default="cert.pem")
    parser.add_argument("--key-name", default="key.pem")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as out:
        module = stubs(pathlib.Path(args.proto), out)
        case_pb, case_rpc = module("case_pb2"), module("case_pb2_grpc")
        referral_pb, referral_rpc = module("referral_pb2"), module("referral_pb2_grpc")
        sections = module("annotations_pb2")

        union, bureau = channel(args, "yiwu-union"), channel(args, "yiwu-labour")
        cases = case_rpc.CaseServiceStub(union)
        case = cases.RegisterCase(case_pb.RegisterCaseRequest(
            district="330782",
            workers=[case_pb.NewWorker(name="测试工友")],
            employment=case_pb.Employment(employer_name="测试用人单位", employer_kind="construction"),
            claims=[case_pb.Claim(kind="unpaid_wages")],
            title_zh="测试案件", title_en="Test case",
            request_id="python-register"))

        # Nobody shared the case with the bureau yet.
        get = case_pb.GetCaseRequest(name=case.name)
        refused(case_rpc.CaseServiceStub(bureau).GetCase, get,
                grpc.StatusCode.NOT_FOUND, "NOT_FOUND")

        # Without a certificate: nothing before sign-in; after it, a token that
        # no other agency's certificate may carry.
        identity_pb, identity_rpc = module("identity_pb2"), module("identity_pb2_grpc")
        browser = without_certificate(args)
        refused(case_rpc.CaseServiceStub(browser).ListCases, case_pb.ListCasesRequest(),
                grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_REQUIRED")
        identity_rpc.IdentityServiceStub(union).CreateUser(identity_pb.CreateUserRequest(
            user_id="browser", display_name="值班", password="correct horse battery"))
        session = identity_rpc.IdentityServiceStub(browser).SignIn(identity_pb.SignInRequest(
            user="agencies/yiwu-union/users/browser", password="correct horse battery"))
        token = [("authorization", f"Bearer {session.token}")]
        assert case_rpc.CaseServiceStub(browser).GetCase(get, metadata=token).name == case.name
        refused(case_rpc.CaseServiceStub(bureau).GetCase, get,
                grpc.StatusCode.UNAUTHENTICATED, "TOKEN_BINDING", token)

        sent, received = referral_rpc.ReferralServiceStub(union), referral_rpc.ReferralServiceStub(bureau)
        scope = [sections.SECTION_SUMMARY, sections.SECTION_IDENTITY, sections.SECTION_CLAIMS,
                 sections.SECTION_EMPLOYMENT, sections.SECTION_TIMELINE]
        referral = sent.CreateReferral(referral_pb.CreateReferralRequest(
            parent=case.name,
            referral=referral_pb.Referral(
                kind=referral_pb.REFERRAL_KIND_ASSIST, to_agency="agencies/yiwu-labour",
                service_code="labour_inspection", purpose="inspect unpaid wages",
                legal_basis="PIPL-13-3", scope=scope, contribute=True),
            request_id="python-refer"))
        sent.SendReferral(referral_pb.SendReferralRequest(name=referral.name))
        received.AcknowledgeReferral(referral_pb.AcknowledgeReferralRequest(name=referral.name))
        accepted = received.AcceptReferral(referral_pb.AcceptReferralRequest(name=referral.name))
        assert accepted.state == referral_pb.REFERRAL_STATE_ACCEPTED, accepted

        seen, call = case_rpc.CaseServiceStub(bureau).GetCase.with_call(
            case_pb.GetCaseRequest(name=case.name))
        receipt = dict(call.trailing_metadata()).get("casenet-receipt")
        assert seen.identities[0].name == "测试工友", seen
        assert not seen.union_files, seen
        withheld = [w.section for w in seen.disclosure.withheld]
        assert sections.SECTION_UNION_FILE in withheld, withheld
        print(json.dumps({"case": case.name, "receipt": int(receipt), "withheld": len(withheld),
                          "digest": hashlib.sha256(seen.SerializeToString()).hexdigest()}))


main()
